#ifndef URING_H
#define URING_H

#include <linux/io_uring.h>

struct ring {
    int fd;
    struct io_uring_params params;
    char *queues;
    struct io_uring_sqe *entries;
};

struct ring ring_open(void);

/* One operation at a time: its result, or minus its errno. */
int ring_do(struct ring *ring, struct io_uring_sqe entry);

#endif
