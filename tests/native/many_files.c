/* many_files DIR COUNT: makes COUNT empty files, DIR/N/M, a thousand in each directory. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    long count = argc == 3 ? atol(argv[2]) : 0;
    if (count <= 0 || chdir(argv[1]) != 0) {
        perror("many_files DIR COUNT");
        return 2;
    }
    for (long i = 0; i < count; i++) {
        char name[64];
        snprintf(name, sizeof name, "%ld", i / 1000);
        if (i % 1000 == 0 && mkdir(name, 0755) != 0) {
            perror(name);
            return 1;
        }
        snprintf(name, sizeof name, "%ld/%ld", i / 1000, i % 1000);
        int fd = open(name, O_CREAT | O_EXCL | O_WRONLY, 0644);
        if (fd < 0 || close(fd) != 0) {
            perror(name);
            return 1;
        }
    }
    return 0;
}
