/*
 * mmap_store FILE TEXT: puts TEXT at the start of FILE by a store into a shared mapping, which no write call sees.
 * It does not wait for a lease. The exit code is 0, or the errno of the open.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    if (argc != 3)
        return 2;
    int fd = open(argv[1], O_RDWR | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return errno;
    char *content = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (content == MAP_FAILED)
        return 1;
    memcpy(content, argv[2], strlen(argv[2]));
    return msync(content, 4096, MS_SYNC) == 0 ? 0 : 1;
}
