/* What the kernel cannot finish, with a lock held. */
#include "opener.h"
#include <pthread.h>
#include <sys/mman.h>

#define LENGTH 4096

/*
 * stall-write FILE SOURCE: writes FILE from a page of SOURCE, which is on a file system whose server does not answer.
 * The kernel takes the file's lock first, so on some file systems (XFS) nobody can read FILE meanwhile. FILE has
 * content before; says so with a line of its own.
 */
int run_stall_write(char **argv)
{
    int source = open(argv[2], O_RDONLY | O_CLOEXEC);
    char *page = mmap(NULL, LENGTH, PROT_READ, MAP_PRIVATE, source, 0);
    int fd = open(argv[1], O_CREAT | O_RDWR | O_CLOEXEC, 0644);
    if (source < 0 || page == MAP_FAILED || fd < 0) {
        setup_failed("stall-write");
    }
    write_all(fd, "some content\n", 13, "write");
    puts("writing");
    fflush(stdout);
    ssize_t written = pwrite(fd, page, LENGTH, 0);
    return written < 0 ? report_errno(errno) : report_ok(written, CHECKSUM_START);
}

/*
 * exec-holding FILE: executes another program with FILE open, which the kernel closes on the way, with what guards the
 * process's identity locked. Asking FILE's server to close it may take for ever.
 */
int run_exec_holding(char **argv)
{
    if (open(argv[1], O_RDONLY | O_CLOEXEC) < 0) {
        setup_failed(argv[1]);
    }
    execl("/bin/true", "true", NULL);
    return report_errno(errno);
}

struct held {
    const char *file;
    long milliseconds;
};

static void *exec_later(void *argument)
{
    struct held *held = argument;
    usleep(held->milliseconds * 1000);
    char *command[] = { "exec-holding", (char *)held->file, NULL };
    exit(run_exec_holding(command));
}

/* exec-beside MS FILE COMMAND...: as exec-holding, that much later, by another thread than the command's. */
int run_exec_beside(int argc, char **argv)
{
    static struct held held;
    pthread_t thread;
    held = (struct held){ argv[2], number(argv[1], 1, 60000) };
    if (pthread_create(&thread, NULL, exec_later, &held) != 0) {
        setup_failed("pthread_create");
    }
    return dispatch(argc - 3, argv + 3);
}
