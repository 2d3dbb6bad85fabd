/* The ways to the content of a file that has an ordinary path. */
#include "opener.h"
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>

int run_open(char **argv)
{
    return report_open(open(argv[1], O_RDONLY | O_CLOEXEC));
}

int run_rdwr(char **argv)
{
    return report_open(open(argv[1], O_RDWR | O_CLOEXEC));
}

int run_direct(char **argv)
{
    int fd = open(argv[1], O_RDONLY | O_DIRECT | O_CLOEXEC);
    if (fd < 0) {
        return report_errno(errno);
    }

    size_t size = 1 << 20;
    void *buffer;
    if (posix_memalign(&buffer, 4096, size) != 0) {
        setup_failed("posix_memalign");
    }
    ssize_t got = read(fd, buffer, size);
    return got < 0 ? report_errno(errno) : report_ok(got, checksum_add(CHECKSUM_START, buffer, got));
}

int run_mmap(char **argv)
{
    int fd = open(argv[1], O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return report_errno(errno);
    }

    struct stat stat;
    if (fstat(fd, &stat) != 0) {
        setup_failed("fstat");
    }
    void *bytes = mmap(NULL, stat.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (bytes == MAP_FAILED) {
        return report_errno(errno);
    }
    return report_ok(stat.st_size, checksum_add(CHECKSUM_START, bytes, stat.st_size));
}

static int new_memory(void)
{
    int memory = memfd_create("opener", MFD_CLOEXEC);
    if (memory < 0) {
        setup_failed("memfd_create");
    }
    return memory;
}

int run_sendfile(char **argv)
{
    int memory = new_memory();
    int fd = open(argv[1], O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return report_errno(errno);
    }

    ssize_t sent;
    while ((sent = sendfile(memory, fd, NULL, 65536)) > 0) {
    }
    if (sent < 0) {
        return report_errno(errno);
    }
    lseek(memory, 0, SEEK_SET);
    return report_open(memory);
}

int run_splice(char **argv)
{
    int memory = new_memory();
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) {
        setup_failed("pipe2");
    }
    int fd = open(argv[1], O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return report_errno(errno);
    }

    ssize_t moved;
    while ((moved = splice(fd, NULL, ends[1], NULL, 4096, 0)) > 0) {
        char buffer[4096];
        write_all(memory, buffer, read(ends[0], buffer, moved), "memfd");
    }
    if (moved < 0) {
        return report_errno(errno);
    }
    lseek(memory, 0, SEEK_SET);
    return report_open(memory);
}

/* copy_file_range FILE DIR: the copy is a nameless file on the same file system, where the call works at all. */
int run_copy_file_range(char **argv)
{
    int copy = open(argv[2], O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (copy < 0) {
        setup_failed("open O_TMPFILE");
    }
    int fd = open(argv[1], O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return report_errno(errno);
    }

    ssize_t copied;
    while ((copied = copy_file_range(fd, NULL, copy, NULL, 65536, 0)) > 0) {
    }
    if (copied < 0) {
        return report_errno(errno);
    }
    lseek(copy, 0, SEEK_SET);
    return report_open(copy);
}

/* head FILE: the file's length and its first 4096 bytes, for files too long to be read whole. */
int run_head(char **argv)
{
    int fd = open(argv[1], O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return report_errno(errno);
    }

    char buffer[4096];
    struct stat stat;
    ssize_t got = read(fd, buffer, sizeof buffer);
    if (got < 0 || fstat(fd, &stat) != 0) {
        return report_errno(errno);
    }
    return report_ok(stat.st_size, checksum_add(CHECKSUM_START, buffer, got));
}
