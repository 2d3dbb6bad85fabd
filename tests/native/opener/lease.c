#include "opener.h"
#include <signal.h>

/*
 * hold-lease FILE SECONDS: keeps a write lease and ignores the request to give it up. Whoever opens the file waits for
 * us, also a scanner that does so on another's behalf. Prints a line of its own as soon as the lease is held.
 */
int run_hold_lease(char **argv)
{
    signal(SIGIO, SIG_IGN);
    int fd = open(argv[1], O_RDWR | O_CLOEXEC);
    if (fd < 0) {
        return report_errno(errno);
    }
    if (fcntl(fd, F_SETLEASE, F_WRLCK) != 0) {
        setup_failed("F_SETLEASE");
    }
    puts("held");
    fflush(stdout);
    for (unsigned left = number(argv[2], 0, 600); left > 0;) {
        left = sleep(left);
    }
    return report_ok(0, CHECKSUM_START);
}

static void take_lease(int fd, int kind)
{
    /* Whoever was just let go by somebody else's lease may still meet that one's open file for a moment. */
    for (int tries = 0; fcntl(fd, F_SETLEASE, kind) != 0; tries++) {
        if (errno != EAGAIN || tries == 100) {
            setup_failed("F_SETLEASE");
        }
        usleep(1000);
    }
    if (fcntl(fd, F_GETLEASE) != kind) {
        errno = EINVAL;
        setup_failed("F_GETLEASE");
    }
}

/*
 * use-leases FILE ROUNDS: works with leases as a file server does: an exclusive one on a file opened for writing, then
 * a shared one on the file opened for reading.
 */
int run_use_leases(char **argv)
{
    signal(SIGIO, SIG_IGN);
    for (long round = number(argv[2], 1, 100000); round > 0; round--) {
        int fd = open(argv[1], O_RDWR | O_CLOEXEC);
        if (fd < 0) {
            return report_errno(errno);
        }
        take_lease(fd, F_WRLCK);
        close(fd);
        fd = open(argv[1], O_RDONLY | O_CLOEXEC);
        if (fd < 0) {
            return report_errno(errno);
        }
        take_lease(fd, F_RDLCK);
        close(fd);
    }
    return report_ok(0, CHECKSUM_START);
}

/*
 * fill-signals COUNT: has that many signals pending, which count for all processes of this user, says "full", and keeps
 * them until it is killed. Its own limit must be higher.
 */
int run_fill_signals(char **argv)
{
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, NULL);
    for (long left = number(argv[1], 1, 100000); left > 0; left--) {
        if (sigqueue(getpid(), SIGRTMIN, (union sigval){ 0 }) != 0) {
            setup_failed("sigqueue");
        }
    }
    puts("full");
    fflush(stdout);
    for (;;) {
        pause();
    }
}
