/* io_uring without its library: openat and read as ring operations, as a program that avoids both system calls does. */
#include "uring.h"
#include "opener.h"
#include <sys/mman.h>
#include <sys/syscall.h>

struct ring ring_open_as(unsigned flags)
{
    struct ring ring = { .params.flags = flags };
    ring.fd = syscall(SYS_io_uring_setup, 4, &ring.params);
    if (ring.fd < 0) {
        setup_failed("io_uring_setup");
    }

    size_t size = ring.params.cq_off.cqes + ring.params.cq_entries * sizeof(struct io_uring_cqe);
    size_t sq_size = ring.params.sq_off.array + ring.params.sq_entries * sizeof(uint32_t);
    ring.queues = mmap(NULL, size > sq_size ? size : sq_size, PROT_READ | PROT_WRITE, MAP_SHARED, ring.fd,
                       IORING_OFF_SQ_RING);
    ring.entries = mmap(NULL, ring.params.sq_entries * sizeof(struct io_uring_sqe), PROT_READ | PROT_WRITE, MAP_SHARED,
                        ring.fd, IORING_OFF_SQES);
    if (ring.queues == MAP_FAILED || ring.entries == MAP_FAILED) {
        setup_failed("mmap io_uring");
    }
    return ring;
}

struct ring ring_open(void)
{
    return ring_open_as(0);
}

static unsigned *field(struct ring *ring, unsigned offset)
{
    return (unsigned *)(ring->queues + offset);
}

static void enter(struct ring *ring, unsigned count, unsigned wanted, unsigned flags)
{
    if (syscall(SYS_io_uring_enter, ring->fd, count, wanted, flags, NULL, 0) < 0) {
        setup_failed("io_uring_enter");
    }
}

void ring_put(struct ring *ring, struct io_uring_sqe entry)
{
    unsigned *tail = field(ring, ring->params.sq_off.tail);
    unsigned at = *tail & *field(ring, ring->params.sq_off.ring_mask);
    ring->entries[at] = entry;
    field(ring, ring->params.sq_off.array)[at] = at;
    __atomic_store_n(tail, *tail + 1, __ATOMIC_RELEASE);
}

void ring_submit(struct ring *ring, unsigned count, unsigned flags)
{
    enter(ring, count, 0, flags);
}

int ring_take(struct ring *ring)
{
    unsigned *head = field(ring, ring->params.cq_off.head);
    while (*head == __atomic_load_n(field(ring, ring->params.cq_off.tail), __ATOMIC_ACQUIRE)) {
        enter(ring, 0, 1, IORING_ENTER_GETEVENTS);
    }
    struct io_uring_cqe *done = (struct io_uring_cqe *)(ring->queues + ring->params.cq_off.cqes);
    int result = done[*head & *field(ring, ring->params.cq_off.ring_mask)].res;
    __atomic_store_n(head, *head + 1, __ATOMIC_RELEASE);
    return result;
}

int ring_do(struct ring *ring, struct io_uring_sqe entry)
{
    ring_put(ring, entry);
    ring_submit(ring, 1, 0);
    return ring_take(ring);
}

int run_io_uring(char **argv)
{
    struct ring ring = ring_open();
    struct io_uring_sqe entry = { .opcode = IORING_OP_OPENAT, .fd = AT_FDCWD, .addr = (uintptr_t)argv[1],
                                  .open_flags = O_RDONLY };
    int fd = ring_do(&ring, entry);
    if (fd < 0) {
        return report_errno(-fd);
    }

    static char buffer[65536];
    uint64_t sum = CHECKSUM_START, length = 0;
    for (;;) {
        struct io_uring_sqe reading = { .opcode = IORING_OP_READ, .fd = fd, .addr = (uintptr_t)buffer,
                                        .len = sizeof buffer, .off = length };
        int got = ring_do(&ring, reading);
        if (got < 0) {
            return report_errno(-got);
        }
        if (got == 0) {
            return report_ok(length, sum);
        }
        sum = checksum_add(sum, buffer, got);
        length += got;
    }
}
