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

/* shorten FILE LENGTH: truncate(2), which breaks leases but opens nothing, so that nobody is asked. */
int run_shorten(char **argv)
{
    return truncate(argv[1], number(argv[2], 0, 1L << 40)) != 0 ? report_errno(errno) : report_ok(0, CHECKSUM_START);
}

/* grow FILE BYTES: appends that many bytes. */
int run_grow(char **argv)
{
    static const char zeros[4096];
    int fd = open(argv[1], O_WRONLY | O_APPEND | O_CLOEXEC);
    if (fd < 0) {
        return report_errno(errno);
    }
    for (long left = number(argv[2], 1, 1L << 30); left > 0; left -= (long)sizeof zeros) {
        write_all(fd, zeros, left < (long)sizeof zeros ? (size_t)left : sizeof zeros, "write");
    }
    return report_ok(0, CHECKSUM_START);
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

/*
 * fill-list LIST SIZE: writes the files of a list, "c PATH" or "i PATH" a line, each with content of its own that fills
 * SIZE bytes. The infected ones end with what standard input holds.
 */
int run_fill_list(char **argv)
{
    struct content list = read_file(argv[1]), infection = read_all(STDIN_FILENO);
    size_t size = number(argv[2], 1, 1L << 30);
    char *bytes = malloc(size);
    if (bytes == NULL || infection.length > size) {
        errno = EINVAL;
        setup_failed("size");
    }
    uint64_t count = 0;
    for (char *line = strtok(list.bytes, "\n"); line != NULL; line = strtok(NULL, "\n"), count++) {
        /* xorshift: content that neither a scanner nor a disk has seen before. */
        uint64_t state = (uint64_t)(now_ms() * 1e6) * 2 + count * 0x9e3779b97f4a7c15ULL + 1;
        for (size_t i = 0; i < size; i++) {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            bytes[i] = (char)state;
        }
        if (line[0] == 'i') {
            memcpy(bytes + size - infection.length, infection.bytes, infection.length);
        }
        int fd = open(line + 2, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0644);
        if (fd < 0) {
            return report_errno(errno);
        }
        write_all(fd, bytes, size, "write");
        close(fd);
    }
    return report_ok(count, CHECKSUM_START);
}
