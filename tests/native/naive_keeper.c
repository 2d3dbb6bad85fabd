// A scanner that keeps its leases in the process that scans, which may die, while its group lives on in another. The
// tests of killed workers must show it wrong, or they show nothing.
//
//   naive_keeper DIRECTORY LIST
//
// DIRECTORY as for bench_responder, LIST as for naive_responder. A clean file is leased and marked so that the kernel
// asks no more, and asks again once the lease is broken. Prints "ready PID" for each process that begins to scan;
// when one ends, the next begins.

#define _GNU_SOURCE
#include "naive.h"
#include "own_file_system.h"
#include <poll.h>
#include <signal.h>
#include <sys/fanotify.h>
#include <sys/prctl.h>
#include <sys/wait.h>

static int leased[MOST_FILES];
static size_t leased_count;

static void mark(int group, unsigned flags, uint64_t mask, int fd)
{
    if (fanotify_mark(group, flags, mask, fd, NULL) != 0)
    {
        fail("fanotify_mark");
    }
}

// Returns whether the file is kept open with its lease.
static int keep(int group, int fd)
{
    if (leased_count == MOST_FILES || fcntl(fd, F_SETLEASE, F_RDLCK) != 0)
    {
        return 0;
    }
    mark(group, FAN_MARK_ADD | FAN_MARK_EVICTABLE, FAN_CLOSE_WRITE, fd);
    mark(group, FAN_MARK_ADD | FAN_MARK_EVICTABLE | FAN_MARK_IGNORE, FAN_OPEN_PERM, fd);
    leased[leased_count++] = fd;
    return 1;
}

static void give_up_broken(int group)
{
    for (size_t i = 0; i < leased_count;)
    {
        if (fcntl(leased[i], F_GETLEASE) == F_RDLCK)
        {
            i++;
            continue;
        }
        mark(group, FAN_MARK_REMOVE | FAN_MARK_IGNORE, FAN_OPEN_PERM, leased[i]);
        close(leased[i]);
        leased[i] = leased[--leased_count];
    }
}

static _Noreturn void scan(int group)
{
    signal(SIGIO, SIG_IGN);
    printf("ready %d\n", getpid());
    fflush(stdout);
    for (;;)
    {
        struct pollfd waiting = {group, POLLIN, 0};
        struct fanotify_event_metadata event;
        give_up_broken(group);
        if (poll(&waiting, 1, 5) <= 0 || read(group, &event, sizeof event) != sizeof event)
        {
            continue;
        }
        int kept = 0;
        if (event.mask & FAN_OPEN_PERM)
        {
            struct stat file;
            int allow = fstat(event.fd, &file) != 0 || !S_ISREG(file.st_mode) || !is_infected(event.fd);
            kept = allow && S_ISREG(file.st_mode) && keep(group, event.fd);
            struct fanotify_response response = {.fd = event.fd, .response = allow ? FAN_ALLOW : FAN_DENY};
            // ENOENT: the opener was killed while it waited.
            if (write(group, &response, sizeof response) != sizeof response && errno != ENOENT)
            {
                fail("write");
            }
        }
        if (!kept)
        {
            close(event.fd);
        }
    }
}

int main(int argc, char **argv)
{
    if (argc != 3)
    {
        fprintf(stderr, "usage: naive_keeper DIRECTORY LIST\n");
        return 2;
    }
    read_list(argv[2]);
    int directory = open_own_file_system(argv[1]);
    int group = fanotify_init(FAN_CLASS_CONTENT | FAN_CLOEXEC | FAN_UNLIMITED_QUEUE | FAN_UNLIMITED_MARKS,
                              O_RDONLY | O_LARGEFILE | O_CLOEXEC);
    if (group < 0)
    {
        fail("fanotify_init");
    }
    mark(group, FAN_MARK_ADD | FAN_MARK_FILESYSTEM, FAN_OPEN_PERM, directory);
    close(directory);
    for (;;)
    {
        pid_t parent = getpid();
        pid_t worker = fork();
        if (worker == 0)
        {
            prctl(PR_SET_PDEATHSIG, SIGKILL);
            if (getppid() != parent)
            {
                return 1;
            }
            scan(group);
        }
        if (worker < 0 || waitpid(worker, NULL, 0) < 0)
        {
            fail("fork");
        }
    }
}
