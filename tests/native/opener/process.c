#include "opener.h"
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>

/* A child that cannot outlive this process: the tests kill this process by its id and want nothing left behind. */
pid_t fork_child(void)
{
    pid_t parent = getpid();
    fflush(stdout);
    pid_t child = fork();
    if (child < 0) {
        setup_failed("fork");
    }

    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != parent) {
            _exit(EXIT_SETUP);
        }
    }
    return child;
}

struct content read_all(int fd)
{
    struct content all = { malloc(1), 0 };
    char buffer[4096];
    ssize_t got;
    while ((got = read(fd, buffer, sizeof buffer)) > 0) {
        all.bytes = realloc(all.bytes, all.length + got + 1);
        memcpy(all.bytes + all.length, buffer, got);
        all.length += got;
    }
    if (got < 0) {
        setup_failed("read");
    }
    all.bytes[all.length] = 0;
    return all;
}

struct content read_file(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        setup_failed(path);
    }
    struct content all = read_all(fd);
    close(fd);
    return all;
}

void write_all(int fd, const void *bytes, size_t length, const char *what)
{
    const char *at = bytes;
    while (length > 0) {
        ssize_t done = write(fd, at, length);
        if (done < 0) {
            setup_failed(what);
        }
        at += done;
        length -= done;
    }
}

long number(const char *text, long least, long most)
{
    char *end;
    errno = 0;
    long value = strtol(text, &end, 10);
    if (errno != 0 || end == text || *end != 0 || value < least || value > most) {
        errno = EINVAL;
        setup_failed(text);
    }
    return value;
}

double now_ms(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1e3 + time.tv_nsec / 1e6;
}

/* many COUNT COMMAND...: in that many processes at once; what they report is theirs. */
int run_many(int argc, char **argv)
{
    for (long i = number(argv[1], 1, 1000); i > 0; i--) {
        if (fork_child() == 0) {
            int result = dispatch(argc - 2, argv + 2);
            fflush(stdout);
            _exit(result);
        }
    }
    while (wait(NULL) > 0) {
    }
    return report_ok(0, CHECKSUM_START);
}
