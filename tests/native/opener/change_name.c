/* The ways that put another file under the name. */
#include "change.h"
#include <sys/stat.h>

static int create(const char *path)
{
    int fd = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0644);
    if (fd < 0) {
        setup_failed("create");
    }
    return fd;
}

void make_other(struct change *change)
{
    int fd = create(change->beside);
    write_all(fd, change->content.bytes, change->content.length, "write");
    close(fd);
}

void act_rename(struct change *change)
{
    if (rename(change->beside, change->file) != 0) {
        setup_failed("rename");
    }
}

void act_exchange(struct change *change)
{
    if (renameat2(AT_FDCWD, change->beside, AT_FDCWD, change->file, RENAME_EXCHANGE) != 0) {
        setup_failed("RENAME_EXCHANGE");
    }
}

static ino_t inode_of(int fd)
{
    struct stat stat;
    if (fstat(fd, &stat) != 0) {
        setup_failed("fstat");
    }
    return stat.st_ino;
}

/* Files with other numbers stay until the number has come, else the allocator would give the same one again. */
void act_reuse_inode(struct change *change)
{
    enum { TRIES = 4000 };
    struct stat old;
    char *name;
    long made = 0;
    int found = -1;
    if (stat(change->file, &old) != 0 || unlink(change->file) != 0) {
        setup_failed("unlink");
    }
    while (found < 0 && made < TRIES) {
        if (asprintf(&name, "%s.%ld", change->file, made++) < 0) {
            setup_failed("asprintf");
        }
        int fd = create(name);
        if (inode_of(fd) == old.st_ino) {
            found = fd;
            if (rename(name, change->file) != 0) {
                setup_failed("rename");
            }
        } else {
            close(fd);
            /* xfs frees inodes a little later, in the background. */
            usleep(made % 16 == 0 ? 5000 : 0);
        }
        free(name);
    }
    for (long i = 0; i < made && asprintf(&name, "%s.%ld", change->file, i) > 0; i++, free(name)) {
        unlink(name);
    }
    if (found < 0) {
        errno = ENOENT;
        setup_failed("the inode number was not given again");
    }
    write_all(found, change->content.bytes, change->content.length, "write");
    close(found);
}
