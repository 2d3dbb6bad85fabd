/* io_uring without its library: openat and read as ring operations, as a program that avoids both system calls does. */
#include "uring.h"
#include "opener.h"
#include <sys/mman.h>
#include <sys/syscall.h>

struct ring ring_open(void)
{
    struct ring ring = { 0 };
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

int ring_do(struct ring *ring, struct io_uring_sqe entry)
{
    unsigned *tail = (unsigned *)(ring->queues + ring->params.sq_off.tail);
    unsigned mask = *(unsigned *)(ring->queues + ring->params.sq_off.ring_mask);
    unsigned *array = (unsigned *)(ring->queues + ring->params.sq_off.array);
    ring->entries[*tail & mask] = entry;
    array[*tail & mask] = *tail & mask;
    __atomic_store_n(tail, *tail + 1, __ATOMIC_RELEASE);
    if (syscall(SYS_io_uring_enter, ring->fd, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0) != 1) {
        setup_failed("io_uring_enter");
    }

    unsigned *head = (unsigned *)(ring->queues + ring->params.cq_off.head);
    unsigned done_mask = *(unsigned *)(ring->queues + ring->params.cq_off.ring_mask);
    struct io_uring_cqe *done = (struct io_uring_cqe *)(ring->queues + ring->params.cq_off.cqes);
    int result = done[*head & done_mask].res;
    __atomic_store_n(head, *head + 1, __ATOMIC_RELEASE);
    return result;
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
