/* A write that the kernel cannot finish, with the file's lock held. */
#include "opener.h"
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
