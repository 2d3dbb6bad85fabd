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
