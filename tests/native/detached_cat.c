/* detached_cat DIRECTORY NAME: prints what NAME holds, opened through a clone of the mount that is mounted nowhere. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#define CLONE_TREE 1 /* OPEN_TREE_CLONE */

int main(int argc, char **argv)
{
    if (argc != 3)
        return 2;
    int tree = syscall(SYS_open_tree, AT_FDCWD, argv[1], CLONE_TREE | O_CLOEXEC);
    if (tree < 0) {
        perror("open_tree");
        return 3;
    }
    int fd = openat(tree, argv[2], O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        perror("openat");
        return 1;
    }
    char text[256];
    ssize_t length = read(fd, text, sizeof text);
    return length < 0 || write(1, text, length) != length;
}
