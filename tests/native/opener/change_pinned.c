/*
 * A direct read puts what it reads straight into the pages of a mapping, which the kernel pins meanwhile. Here the
 * mapping is gone, and the file closed, long before the read ends: then the file changes, and nobody writes it.
 */
#include "change.h"
#include <sys/mman.h>

static char *beside(const struct change *change, const char *name)
{
    char *path;
    if (asprintf(&path, "%s/%s", change->image, name) < 0) {
        setup_failed("asprintf");
    }
    return path;
}

static void *read_into_pages(void *argument)
{
    struct change *change = argument;
    int source = open(beside(change, "source"), O_RDONLY | O_CLOEXEC | O_DIRECT);
    ssize_t length = source < 0 ? -1 : read(source, change->map, change->content.length);
    if (length != (ssize_t)change->content.length) {
        setup_failed("read into pinned pages");
    }
    close(source);
    return NULL;
}

void pin_pages(struct change *change)
{
    map_open(change);
    if (pthread_create(&change->reading, NULL, read_into_pages, change) != 0) {
        setup_failed("pthread_create");
    }
    const char *asked = beside(change, "asked");
    while (access(asked, F_OK) != 0) {
        if (errno != ENOENT) {
            setup_failed(asked);
        }
        usleep(1000);
    }
    if (munmap(change->map, change->content.length) != 0 || close(change->fd) != 0) {
        setup_failed("munmap");
    }
}

void act_pinned(struct change *change)
{
    if (access(beside(change, "go"), F_OK) != 0 || pthread_join(change->reading, NULL) != 0) {
        setup_failed("go");
    }
}
