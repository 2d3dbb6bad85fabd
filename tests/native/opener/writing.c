/* Making files. Creating an empty file is an open as well, so the tests never do it in the test host. */
#include "opener.h"
#include <sys/stat.h>

/* put FILE MODE: writes standard input. */
int run_put(char **argv)
{
    struct content content = read_all(STDIN_FILENO);
    int fd = open(argv[1], O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);
    if (fd < 0) {
        return report_errno(errno);
    }
    write_all(fd, content.bytes, content.length, "write");
    if (fchmod(fd, strtol(argv[2], NULL, 8)) != 0) {
        setup_failed("fchmod");
    }
    return report_ok(content.length, checksum_add(CHECKSUM_START, content.bytes, content.length));
}

int run_create(char **argv)
{
    return report_open(open(argv[1], O_CREAT | O_RDWR | O_CLOEXEC, 0644));
}

int run_truncate(char **argv)
{
    return report_open(open(argv[1], O_RDWR | O_TRUNC | O_CLOEXEC));
}

/* sparse FILE LENGTH */
int run_sparse(char **argv)
{
    int fd = open(argv[1], O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0644);
    if (fd < 0 || ftruncate(fd, number(argv[2], 0, 1L << 40)) != 0) {
        return report_errno(errno);
    }
    return report_ok(0, CHECKSUM_START);
}

static int put_at(int directory, const char *name, struct content content)
{
    int fd = openat(directory, name, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0644);
    if (fd >= 0) {
        write_all(fd, content.bytes, content.length, "write");
        close(fd);
    }
    return fd;
}

/*
 * fill DIR COUNT CLEAN INFECTED: makes directories and opens what it put there with no pause in which a watcher could
 * have learnt of them. Reports the number of right answers.
 */
int run_fill(char **argv)
{
    struct content contents[] = { read_file(argv[3]), read_file(argv[4]) };
    long count = number(argv[2], 1, 100000), right = 0;
    for (long i = 0; i < count; i++) {
        char path[4096];
        snprintf(path, sizeof path, "%s/%ld", argv[1], i);
        if (mkdir(path, 0755) != 0) {
            setup_failed("mkdir");
        }
        int directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (directory < 0 || put_at(directory, "file", contents[i % 2]) < 0) {
            setup_failed("create");
        }

        int fd = openat(directory, "file", O_RDONLY | O_CLOEXEC);
        right += i % 2 == 0 ? fd >= 0 : fd < 0 && errno == EPERM;
        if (fd >= 0) {
            close(fd);
        }
        close(directory);
    }
    return report_ok(right, CHECKSUM_START);
}
