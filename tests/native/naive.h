// What the naive scanners of the tests have in common: infected is what has the content of a file that a list names.

#ifndef NAIVE_H
#define NAIVE_H

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MOST_FILES 4096
#define MOST_BYTES 65536

struct content
{
    char *bytes;
    ssize_t length;
};

static struct content infected[MOST_FILES];
static size_t infected_count;

static _Noreturn void fail(const char *what)
{
    perror(what);
    exit(EXIT_FAILURE);
}

static void read_list(const char *path)
{
    static char line[4096];
    FILE *list = fopen(path, "re");
    while (list != NULL && infected_count < MOST_FILES && fgets(line, sizeof line, list) != NULL)
    {
        line[strcspn(line, "\n")] = 0;
        struct content *content = &infected[infected_count++];
        int fd = open(line, O_RDONLY | O_CLOEXEC);
        content->bytes = malloc(MOST_BYTES);
        content->length = read(fd, content->bytes, MOST_BYTES);
        if (content->length <= 0)
        {
            fail(line);
        }
        close(fd);
    }
    if (infected_count == 0)
    {
        fail(path);
    }
}

static int is_infected(int fd)
{
    static char bytes[MOST_BYTES];
    ssize_t length = pread(fd, bytes, sizeof bytes, 0);
    for (size_t i = 0; i < infected_count; i++)
    {
        if (infected[i].length == length && memcmp(infected[i].bytes, bytes, length) == 0)
        {
            return 1;
        }
    }
    return 0;
}

#endif
