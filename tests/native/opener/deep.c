/* Paths that are longer than PATH_MAX and can only be walked, directory by directory. */
#include "opener.h"
#include <sys/stat.h>

#define COMPONENT 200

/* The last directory of a chain below top that makes the path at least length bytes long. */
static int walk(const char *top, long length, int make)
{
    char name[COMPONENT + 1] = { 0 };
    memset(name, 'd', COMPONENT);
    int at = open(top, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    for (long left = length - (long)strlen(top); at >= 0 && left > 0; left -= COMPONENT + 1) {
        if (make && mkdirat(at, name, 0755) != 0 && errno != EEXIST) {
            setup_failed("mkdirat");
        }
        int next = openat(at, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        close(at);
        at = next;
    }
    if (at < 0) {
        setup_failed("openat directory");
    }
    return at;
}

/* deep-put DIR LENGTH NAME CONTENT */
int run_deep_put(char **argv)
{
    struct content content = read_file(argv[4]);
    int directory = walk(argv[1], number(argv[2], 1, 100000), 1);
    int fd = openat(directory, argv[3], O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0644);
    if (fd < 0) {
        return report_errno(errno);
    }
    write_all(fd, content.bytes, content.length, "write");
    return report_ok(content.length, checksum_add(CHECKSUM_START, content.bytes, content.length));
}

/* deep-open DIR LENGTH NAME */
int run_deep_open(char **argv)
{
    int directory = walk(argv[1], number(argv[2], 1, 100000), 0);
    return report_open(openat(directory, argv[3], O_RDONLY | O_CLOEXEC));
}
