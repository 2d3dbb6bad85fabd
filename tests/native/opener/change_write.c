/* The ways that end in a write to the file itself. */
#include "change.h"
#include <linux/aio_abi.h>
#include <sys/syscall.h>
#include <signal.h>

#define BLOCK 4096

static int open_or_fail(const char *path, int flags)
{
    int fd = open(path, flags | O_CLOEXEC);
    if (fd < 0) {
        setup_failed(path);
    }
    return fd;
}

void open_writer(struct change *change)
{
    change->fd = open_or_fail(change->file, O_RDWR);
}

void open_direct(struct change *change)
{
    change->fd = open_or_fail(change->file, O_RDWR | O_DIRECT);
}

void link_and_open(struct change *change)
{
    if (link(change->file, change->beside) != 0) {
        setup_failed("link");
    }
    change->fd = open_or_fail(change->beside, O_WRONLY);
}

/* Another process has the file open, for reading only; its descriptor becomes a writer. */
void open_through_proc(struct change *change)
{
    char path[64];
    int reader = open_or_fail(change->file, O_RDONLY);
    pid_t other = fork_child();
    if (other == 0) {
        pause();
    }
    close(reader);
    snprintf(path, sizeof path, "/proc/%d/fd/%d", other, reader);
    change->fd = open_or_fail(path, O_WRONLY);
    kill(other, SIGKILL);
}

void act_write(struct change *change)
{
    write_all(change->fd, change->content.bytes, change->content.length, "write");
}

void act_append(struct change *change)
{
    off_t end = lseek(change->fd, 0, SEEK_END);
    if (end < 0 || (size_t)end >= change->content.length) {
        errno = EINVAL;
        setup_failed("append");
    }
    write_all(change->fd, change->content.bytes + end, change->content.length - end, "write");
}

static void *aligned_copy(struct content content)
{
    void *copy;
    if (content.length % BLOCK != 0 || posix_memalign(&copy, BLOCK, content.length) != 0) {
        errno = EINVAL;
        setup_failed("O_DIRECT needs whole blocks");
    }
    return memcpy(copy, content.bytes, content.length);
}

void act_direct(struct change *change)
{
    write_all(change->fd, aligned_copy(change->content), change->content.length, "write O_DIRECT");
}

void act_aio(struct change *change)
{
    aio_context_t context = 0;
    struct iocb block = {
        .aio_lio_opcode = IOCB_CMD_PWRITE,
        .aio_fildes = change->fd,
        .aio_buf = (uintptr_t)aligned_copy(change->content),
        .aio_nbytes = change->content.length,
    };
    struct iocb *blocks[] = { &block };
    struct io_event done;
    if (syscall(SYS_io_setup, 1, &context) != 0 || syscall(SYS_io_submit, context, 1, blocks) != 1
        || syscall(SYS_io_getevents, context, 1, 1, &done, NULL) != 1) {
        setup_failed("io_submit");
    }
    if (done.res != (int64_t)change->content.length) {
        errno = done.res < 0 ? (int)-done.res : EIO;
        setup_failed("aio");
    }
}

void act_truncate(struct change *change)
{
    if (truncate(change->file, 0) != 0) {
        setup_failed("truncate");
    }
    open_writer(change);
    act_write(change);
}

void act_o_trunc(struct change *change)
{
    change->fd = open_or_fail(change->file, O_WRONLY | O_TRUNC);
    act_write(change);
}

/* The last block becomes a hole, which reads as zeros. */
void act_punch(struct change *change)
{
    if (fallocate(change->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, change->content.length - BLOCK, BLOCK) != 0) {
        setup_failed("fallocate");
    }
}
