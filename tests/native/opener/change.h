/*
 * change: gives a file another content, in as many ways as there are, and tells nobody.
 *
 * A way has two steps, so that a scan can come before, between and after them: prepare opens or maps what the way
 * needs, act makes the change. Whatever fails is a failed preparation of the test, never a result.
 */
#ifndef CHANGE_H
#define CHANGE_H

#include "opener.h"
#include <pthread.h>

struct change {
    const char *file;
    struct content content;
    /* A name beside the file. */
    char *beside;
    /* What prepare has opened, and what it has mapped. */
    int fd;
    char *map;
    /*
     * The image that the file's file system lies in; for the way that writes there. For pinned pages: the directory of
     * a server that answers later (stall_fuse).
     */
    const char *image;
    /* A direct read into pages of the file that is under way. */
    pthread_t reading;
};

typedef void change_step(struct change *change);

/* change_write.c */
change_step open_writer, open_direct, link_and_open, open_through_proc;
change_step act_write, act_append, act_direct, act_aio, act_truncate, act_o_trunc, act_punch;

/* change_copy.c */
change_step make_source, act_copy_range, act_reflink, act_splice, act_sendfile, act_io_uring,
    act_swap_extents;

/* change_map.c */
change_step map_open, map_closed, make_dirty, act_store, act_store_and_sync;

/* change_pinned.c */
change_step pin_pages, act_pinned;

/* change_name.c */
change_step make_other, act_rename, act_exchange, act_reuse_inode;

/* change_image.c */
change_step find_in_image, act_image;

#endif
