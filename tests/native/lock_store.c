/*
 * lock_store DATABASE: holds every lock of a SQLite database in WAL mode, those of its readers too, until it is killed.
 * Says "locked" when it has them. The locks are on bytes 120 to 127 of the file beside it (sqlite.org/walformat.html).
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    char path[4096];
    snprintf(path, sizeof path, "%s-shm", argc == 2 ? argv[1] : "");
    int fd = open(path, O_RDWR | O_CLOEXEC);
    if (fd < 0)
    {
        perror(path);
        return 1;
    }

    // One by one: each is free for a moment now and then, all of them at once may never be.
    for (off_t byte = 120; byte < 128; byte++)
    {
        struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = byte, .l_len = 1};
        if (fcntl(fd, F_SETLKW, &lock) != 0)
        {
            perror("F_SETLKW");
            return 1;
        }
    }
    puts("locked");
    fflush(stdout);
    alarm(300);
    pause();
}
