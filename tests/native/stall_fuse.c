/*
 * A file system whose server does not answer, as any user can make one.
 *
 *   stall_fuse DIRECTORY UID look|open|read|close
 *   stall_fuse DIRECTORY UID later CONTENT
 *   stall_fuse DIRECTORY UID disk IMAGE
 *
 * Mounts itself on DIRECTORY, straight on /dev/fuse, and serves as user UID. Every name in it is a file of 4 KiB that
 * belongs to UID; asking for one's attributes again, opening, reading or, if it was opened for reading only, closing
 * one is never answered. With "later" a read is answered from the file CONTENT, but not before somebody looks for the
 * name "go"; the name "asked" is there once a read waits. With "disk" every name is the file IMAGE, and after SIGUSR1
 * the server answers nothing any more, until SIGUSR1 comes again. Prints "ready". When it is killed, the kernel ends
 * the connection and a dead mount stays, which its starter unmounts.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/fuse.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#define FILE_SIZE 4096
#define SECONDS_VALID 3600
#define LIFETIME_SECONDS 300
#define MOST_CONTENT 65536
#define MOST_READ (1 << 20)

static uid_t user;
static uint32_t stalled;

/* With "later": what is read, and who waits for it. */
static int is_later;
static char content[MOST_CONTENT];
static struct fuse_in_header reader;
static struct fuse_read_in wanted;

/* With "disk": what is served, and whether that stands still. */
static int image = -1;
static uint64_t image_size;
static char block[MOST_READ];
static volatile sig_atomic_t is_still;

static _Noreturn void fail(const char *what)
{
    fprintf(stderr, "stall_fuse: %s: %s\n", what, strerror(errno));
    exit(EXIT_FAILURE);
}

static void answer(int device, const struct fuse_in_header *question, int error, const void *body, size_t length)
{
    struct fuse_out_header head = {
        .len = (uint32_t)(sizeof head + length), .error = error, .unique = question->unique};
    struct iovec parts[] = {{&head, sizeof head}, {(void *)body, length}};
    // ENOENT: who asked was killed meanwhile.
    if (writev(device, parts, 2) < 0 && errno != ENOENT)
    {
        fail("writev");
    }
}

static struct fuse_attr attributes(uint64_t node)
{
    int is_root = node == FUSE_ROOT_ID;
    uint64_t size = is_root ? 0 : image >= 0 ? image_size : FILE_SIZE;
    return (struct fuse_attr){
        .ino = node,
        .size = size,
        .blocks = size / 512,
        .mode = is_root ? S_IFDIR | 0755 : S_IFREG | 0644,
        .nlink = is_root ? 2 : 1,
        .uid = user,
        .gid = user,
        .blksize = FILE_SIZE,
    };
}

// FNV-1a: a name must keep its node.
static uint64_t node_of(const char *name)
{
    uint64_t sum = 0xcbf29ce484222325;
    for (; *name != 0; name++)
    {
        sum = (sum ^ (uint8_t)*name) * 0x100000001b3;
    }
    return (sum >> 1) + FUSE_ROOT_ID + 1;
}

static void answer_init(int device, const struct fuse_in_header *question, const struct fuse_init_in *asked)
{
    struct fuse_init_out body = {
        .major = FUSE_KERNEL_VERSION,
        .minor = asked->minor < FUSE_KERNEL_MINOR_VERSION ? asked->minor : FUSE_KERNEL_MINOR_VERSION,
        .max_readahead = asked->max_readahead,
        .max_background = 64,
        .congestion_threshold = 48,
        .max_write = 65536,
        .time_gran = 1,
    };
    answer(device, question, 0, &body, sizeof body);
}

static void answer_read(int device, const struct fuse_in_header *question, const struct fuse_read_in *asked)
{
    uint64_t left = asked->offset < FILE_SIZE ? FILE_SIZE - asked->offset : 0;
    answer(device, question, 0, content, left < asked->size ? left : asked->size);
}

static void keep_waiting(const struct fuse_in_header *question, const struct fuse_read_in *asked)
{
    reader = *question;
    wanted = *asked;
}

static void answer_later(int device)
{
    if (reader.unique != 0)
    {
        uint64_t left = wanted.offset < MOST_CONTENT ? MOST_CONTENT - wanted.offset : 0;
        answer(device, &reader, 0, content + wanted.offset, left < wanted.size ? left : wanted.size);
        reader.unique = 0;
    }
}

static void read_image(int device, const struct fuse_in_header *question, const struct fuse_read_in *asked)
{
    ssize_t got = asked->size <= sizeof block ? pread(image, block, asked->size, (off_t)asked->offset) : -1;
    answer(device, question, got < 0 ? -EIO : 0, block, got < 0 ? 0 : got);
}

static void write_image(int device, const struct fuse_in_header *question, const struct fuse_write_in *asked)
{
    struct fuse_write_out body = {.size = asked->size};
    int is_written = pwrite(image, asked + 1, asked->size, (off_t)asked->offset) == (ssize_t)asked->size;
    answer(device, question, is_written ? 0 : -EIO, &body, is_written ? sizeof body : 0);
}

static void serve(int device, const struct fuse_in_header *question)
{
    const void *argument = question + 1;
    if (question->opcode == stalled && question->nodeid != FUSE_ROOT_ID &&
        (stalled != FUSE_FLUSH || ((const struct fuse_flush_in *)argument)->fh == O_RDONLY))
    {
        return;
    }
    switch (question->opcode)
    {
    case FUSE_INIT:
        answer_init(device, question, argument);
        break;
    case FUSE_LOOKUP:
    {
        if (is_later && strcmp(argument, "go") == 0)
        {
            answer_later(device);
        }
        if (is_later && strcmp(argument, "asked") == 0 && reader.unique == 0)
        {
            answer(device, question, -ENOENT, NULL, 0);
            break;
        }
        uint64_t node = node_of(argument);
        struct fuse_entry_out body = {
            .nodeid = node,
            .entry_valid = SECONDS_VALID,
            .attr_valid = stalled == FUSE_GETATTR ? 0 : SECONDS_VALID,
            .attr = attributes(node),
        };
        answer(device, question, 0, &body, sizeof body);
        break;
    }
    case FUSE_GETATTR:
    {
        struct fuse_attr_out body = {.attr_valid = SECONDS_VALID, .attr = attributes(question->nodeid)};
        answer(device, question, 0, &body, sizeof body);
        break;
    }
    case FUSE_OPEN:
    case FUSE_OPENDIR:
    {
        // Told again when it is closed.
        uint64_t access = ((const struct fuse_open_in *)argument)->flags & O_ACCMODE;
        struct fuse_open_out body = {.fh = access, .open_flags = image >= 0 ? 0 : FOPEN_DIRECT_IO};
        answer(device, question, 0, &body, sizeof body);
        break;
    }
    case FUSE_WRITE:
        write_image(device, question, argument);
        break;
    case FUSE_READ:
        if (image >= 0)
        {
            read_image(device, question, argument);
        }
        else if (is_later)
        {
            keep_waiting(question, argument);
        }
        else
        {
            answer_read(device, question, argument);
        }
        break;
    case FUSE_FORGET:
    case FUSE_BATCH_FORGET:
    case FUSE_INTERRUPT:
        // They want no answer.
        break;
    case FUSE_READDIR:
    case FUSE_FSYNC:
    case FUSE_RELEASE:
    case FUSE_RELEASEDIR:
    case FUSE_FLUSH:
        answer(device, question, 0, NULL, 0);
        break;
    case FUSE_STATFS:
    {
        struct fuse_statfs_out body = {.st = {.bsize = FILE_SIZE, .namelen = 255, .frsize = FILE_SIZE}};
        answer(device, question, 0, &body, sizeof body);
        break;
    }
    default:
        answer(device, question, -ENOSYS, NULL, 0);
        break;
    }
}

static int mount_on(const char *directory)
{
    int device = open("/dev/fuse", O_RDWR | O_CLOEXEC);
    if (device < 0)
    {
        fail("/dev/fuse");
    }
    char options[128];
    snprintf(options, sizeof options, "fd=%d,rootmode=40000,user_id=%u,group_id=%u,allow_other", device, user, user);
    if (mount("stall_fuse", directory, "fuse", MS_NOSUID | MS_NODEV, options) != 0)
    {
        fail(directory);
    }
    return device;
}

static void read_content(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || read(fd, content, sizeof content) <= 0)
    {
        fail(path);
    }
    close(fd);
}

static void open_image(const char *path)
{
    struct stat status;
    image = open(path, O_RDWR | O_CLOEXEC);
    if (image < 0 || fstat(image, &status) != 0)
    {
        fail(path);
    }
    image_size = status.st_size;
}

static void toggle(int signal)
{
    (void)signal;
    is_still = !is_still;
}

int main(int argc, char **argv)
{
    is_later = argc == 5 && strcmp(argv[3], "later") == 0;
    int is_disk = argc == 5 && strcmp(argv[3], "disk") == 0;
    if (argc != 4 && !is_later && !is_disk)
    {
        fprintf(stderr, "usage: stall_fuse DIRECTORY UID (look|open|read|close | later CONTENT | disk IMAGE)\n");
        return 2;
    }
    user = (uid_t)atoi(argv[2]);
    if (is_disk)
    {
        open_image(argv[4]);
        signal(SIGUSR1, toggle);
    }
    if (is_later)
    {
        read_content(argv[4]);
    }
    stalled = strcmp(argv[3], "look") == 0   ? FUSE_GETATTR
              : strcmp(argv[3], "open") == 0 ? FUSE_OPEN
              : strcmp(argv[3], "read") == 0 ? FUSE_READ
              : is_later || is_disk          ? 0
                                             : FUSE_FLUSH;
    int device = mount_on(argv[1]);
    if (setgroups(0, NULL) != 0 || setresgid(user, user, user) != 0 || setresuid(user, user, user) != 0)
    {
        fail("setresuid");
    }
    // Whoever started it may be gone by then.
    alarm(LIFETIME_SECONDS);
    puts("ready");
    fflush(stdout);

    static char buffer[FUSE_MIN_READ_BUFFER + 65536] __attribute__((aligned(8)));
    for (;;)
    {
        ssize_t length = read(device, buffer, sizeof buffer);
        if (length < 0 && errno == ENODEV)
        {
            return EXIT_SUCCESS;
        }
        while (is_still)
        {
            usleep(1000);
        }
        if (length >= (ssize_t)sizeof(struct fuse_in_header))
        {
            serve(device, (const struct fuse_in_header *)buffer);
        }
    }
}
