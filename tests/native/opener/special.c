/* What is not a regular file: nothing here has content to decide on, and all of it must stay usable. */
#include "opener.h"
#include <dirent.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>

int run_fifo(char **argv)
{
    if (mkfifo(argv[1], 0600) != 0) {
        setup_failed("mkfifo");
    }
    if (fork_child() == 0) {
        int writer = open(argv[1], O_WRONLY | O_CLOEXEC);
        _exit(writer < 0 || write(writer, "through\n", 8) != 8);
    }
    return report_open(open(argv[1], O_RDONLY | O_CLOEXEC));
}

int run_socket(char **argv)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (strlen(argv[1]) >= sizeof address.sun_path) {
        errno = ENAMETOOLONG;
        setup_failed("socket path");
    }
    memcpy(address.sun_path, argv[1], strlen(argv[1]));
    if (listener < 0 || bind(listener, (struct sockaddr *)&address, sizeof address) != 0 || listen(listener, 1) != 0) {
        setup_failed("bind");
    }
    if (fork_child() == 0) {
        int client = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        _exit(connect(client, (struct sockaddr *)&address, sizeof address) != 0 || write(client, "through\n", 8) != 8);
    }
    return report_open(accept4(listener, NULL, NULL, SOCK_CLOEXEC));
}

/* A node of /dev/zero on the watched file system. */
int run_device(char **argv)
{
    if (mknod(argv[1], S_IFCHR | 0600, makedev(1, 5)) != 0) {
        setup_failed("mknod");
    }
    char buffer[8];
    int fd = open(argv[1], O_RDONLY | O_CLOEXEC);
    if (fd < 0 || read(fd, buffer, sizeof buffer) != sizeof buffer) {
        return report_errno(errno);
    }
    return report_ok(sizeof buffer, checksum_add(CHECKSUM_START, buffer, sizeof buffer));
}

/* Reports the number of entries. */
int run_directory(char **argv)
{
    DIR *directory = opendir(argv[1]);
    if (directory == NULL) {
        return report_errno(errno);
    }
    uint64_t entries = 0;
    while (readdir(directory) != NULL) {
        entries++;
    }
    return report_ok(entries, CHECKSUM_START);
}
