/* Stores into a shared mapping, which no write call sees. The mapping stays until the process ends. */
#include "change.h"
#include <sys/mman.h>

void map_open(struct change *change)
{
    open_writer(change);
    change->map = mmap(NULL, change->content.length, PROT_READ | PROT_WRITE, MAP_SHARED, change->fd, 0);
    if (change->map == MAP_FAILED) {
        setup_failed("mmap");
    }
}

void map_closed(struct change *change)
{
    map_open(change);
    close(change->fd);
}

/*
 * Stores the same bytes to every page, so that the next store is no fault and changes no time. Not for long: a page
 * that was written out is clean again.
 */
void make_dirty(struct change *change)
{
    for (size_t i = 0; i < change->content.length; i += 4096) {
        volatile char *byte = change->map + i;
        *byte = *byte;
    }
}

void act_store(struct change *change)
{
    memcpy(change->map, change->content.bytes, change->content.length);
}

void act_store_and_sync(struct change *change)
{
    act_store(change);
    if (msync(change->map, change->content.length, MS_SYNC) != 0) {
        setup_failed("msync");
    }
}
