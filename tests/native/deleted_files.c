/*
 * Files that take long to free, as any user can make them.
 *
 *   deleted_files DIRECTORY UID COUNT PIECES
 *
 * As user UID makes files of so many pieces that lie apart, with nothing written to them, deletes them and keeps them
 * open. Prints "ready", and closes them when a line is read or nothing more comes.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define PIECE 4096

static _Noreturn void fail(const char *what)
{
    perror(what);
    exit(EXIT_FAILURE);
}

int main(int argc, char **argv)
{
    if (argc != 5) {
        fprintf(stderr, "usage: deleted_files DIRECTORY UID COUNT PIECES\n");
        return EXIT_FAILURE;
    }
    if (chdir(argv[1]) != 0 || setresuid(atoi(argv[2]), atoi(argv[2]), atoi(argv[2])) != 0) {
        fail("setup");
    }
    for (int i = 0; i < atoi(argv[3]); i++) {
        int fd = open("deleted", O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
        if (fd < 0 || unlink("deleted") != 0) {
            fail("deleted");
        }
        for (off_t piece = 0; piece < atoi(argv[4]); piece++) {
            if (fallocate(fd, 0, 2 * piece * PIECE, PIECE) != 0) {
                fail("fallocate");
            }
        }
    }
    printf("ready\n");
    fflush(stdout);
    (void)getchar();
    return EXIT_SUCCESS;
}
