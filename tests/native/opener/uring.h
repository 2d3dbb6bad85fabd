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
struct ring ring_open_as(unsigned flags);

/* One operation at a time: its result, or minus its errno. */
int ring_do(struct ring *ring, struct io_uring_sqe entry);

/* Makes an operation ready; hands operations that are ready to the kernel. */
void ring_put(struct ring *ring, struct io_uring_sqe entry);
void ring_submit(struct ring *ring, unsigned count, unsigned flags);

/* Waits for an operation that is done: its result, or minus its errno. */
int ring_take(struct ring *ring);

#endif
