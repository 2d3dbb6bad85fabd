/* The ways that bring the content from somewhere else, without a write call of their own. */
#include "change.h"
#include "uring.h"
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>

static int source;

/* The creator's own descriptor, which nobody is asked about. */
void make_source(struct change *change)
{
    source = open(change->beside, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0644);
    if (source < 0) {
        setup_failed("create");
    }
    write_all(source, change->content.bytes, change->content.length, "write");
    open_writer(change);
}

static void need_all(struct change *change, ssize_t done, const char *what)
{
    if (done != (ssize_t)change->content.length) {
        errno = done < 0 ? errno : EIO;
        setup_failed(what);
    }
}

void act_copy_range(struct change *change)
{
    off_t from = 0, to = 0;
    need_all(change, copy_file_range(source, &from, change->fd, &to, change->content.length, 0), "copy_file_range");
}

/* struct xfs_swapext of xfs_fs.h, which not every machine has. */
struct xfs_time {
    int64_t seconds;
    int64_t nanoseconds;
};

struct xfs_swap {
    int64_t version, target, other, offset, length;
    char pad[16];
    struct {
        uint64_t inode;
        char owners[24];
        int64_t size;
        struct xfs_time accessed, modified, changed;
        char more[48];
    } known;
};

/* What xfs_fsr(8) does: two files exchange their contents, and neither's times change. */
void act_swap_extents(struct change *change)
{
    struct stat stat;
    if (fstat(change->fd, &stat) != 0) {
        setup_failed("fstat");
    }
    struct xfs_swap swap = {
        .target = change->fd,
        .other = source,
        .length = stat.st_size,
        .known.inode = stat.st_ino,
        .known.size = stat.st_size,
        .known.modified = { stat.st_mtim.tv_sec, stat.st_mtim.tv_nsec },
        .known.changed = { stat.st_ctim.tv_sec, stat.st_ctim.tv_nsec },
    };
    _Static_assert(sizeof swap == 192, "the kernel's struct xfs_swapext");
    if (ioctl(change->fd, _IOWR('X', 109, struct xfs_swap), &swap) != 0) {
        setup_failed("XFS_IOC_SWAPEXT");
    }
}

void act_reflink(struct change *change)
{
    if (ioctl(change->fd, FICLONE, source) != 0) {
        setup_failed("FICLONE");
    }
}

void act_splice(struct change *change)
{
    int ends[2];
    off_t to = 0;
    if (pipe2(ends, O_CLOEXEC) != 0) {
        setup_failed("pipe2");
    }
    write_all(ends[1], change->content.bytes, change->content.length, "pipe");
    while (to < (off_t)change->content.length) {
        if (splice(ends[0], NULL, change->fd, &to, change->content.length - to, 0) <= 0) {
            setup_failed("splice");
        }
    }
}

void act_sendfile(struct change *change)
{
    int memory = memfd_create("change", MFD_CLOEXEC);
    off_t from = 0;
    if (memory < 0) {
        setup_failed("memfd_create");
    }
    write_all(memory, change->content.bytes, change->content.length, "memfd");
    need_all(change, sendfile(change->fd, memory, &from, change->content.length), "sendfile");
}

void act_io_uring(struct change *change)
{
    struct ring ring = ring_open();
    struct io_uring_sqe entry = { .opcode = IORING_OP_WRITE, .fd = change->fd,
                                  .addr = (uintptr_t)change->content.bytes, .len = change->content.length };
    int done = ring_do(&ring, entry);
    errno = done < 0 ? -done : 0;
    need_all(change, done, "io_uring write");
}
