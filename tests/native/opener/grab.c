/* Files that become writable for a user: what the user stores into them at that moment, before anybody is told. */
#include "opener.h"
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sys/xattr.h>

#define USER 65534

/* The shared mapping stays until the process ends, or munmap. */
static char *store(int fd, struct content content)
{
    char *map = mmap(NULL, content.length, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (map == MAP_FAILED) {
        setup_failed("mmap");
    }
    memcpy(map, content.bytes, content.length);
    return map;
}

/* Opens for writing as soon as that is allowed. */
static int await_access(const char *path)
{
    int fd;
    double end = now_ms() + 20000;
    while ((fd = open(path, O_RDWR | O_CLOEXEC)) < 0) {
        if (errno != EACCES || now_ms() > end) {
            setup_failed(path);
        }
        sched_yield();
    }
    return fd;
}

/*
 * grab FILE CONTENT: says "waiting", maps FILE as soon as it may, stores CONTENT, says "stored" and keeps the mapping.
 * Ended by a signal.
 */
int run_grab(char **argv)
{
    struct content content = read_file(argv[2]);
    puts("waiting");
    fflush(stdout);
    store(await_access(argv[1]), content);
    puts("stored");
    fflush(stdout);
    for (;;) {
        pause();
    }
}

static void by_mode(const char *path)
{
    if (chmod(path, 0666) != 0) {
        setup_failed("chmod");
    }
}

static void by_owner(const char *path)
{
    if (chown(path, USER, USER) != 0) {
        setup_failed("chown");
    }
}

/* What setfacl -m u:65534:rw does; see posix_acl_xattr.h. */
static void by_list(const char *path)
{
    struct {
        uint32_t version;
        struct {
            uint16_t tag, permissions;
            uint32_t id;
        } entries[5];
    } list = { 2, { { 1, 6, -1 }, { 2, 6, USER }, { 4, 4, -1 }, { 16, 6, -1 }, { 32, 4, -1 } } };
    if (setxattr(path, "system.posix_acl_access", &list, sizeof list, 0) != 0) {
        setup_failed("setxattr");
    }
}

static void by_nobody(const char *path)
{
    (void)path;
}

struct way {
    const char *name;
    void (*give)(const char *path);
};

static const struct way ways[] = {
    { "chmod", by_mode }, { "chown", by_owner }, { "acl", by_list },
    /* Root itself stores, and closes. */
    { "root", by_nobody },
};

static void send_number(int to, int number)
{
    if (write(to, &number, sizeof number) != sizeof number) {
        setup_failed("pipe");
    }
}

static int receive_number(int from, int *number)
{
    return read(from, number, sizeof *number) == sizeof *number;
}

struct helper {
    int to, from;
};

/* A child that does something with each path that it is told. */
static struct helper start(char **paths, void (*act)(const char *path), int is_user)
{
    int there[2], back[2], index;
    if (pipe2(there, O_CLOEXEC) != 0 || pipe2(back, O_CLOEXEC) != 0) {
        setup_failed("pipe2");
    }
    if (fork_child() == 0) {
        close(there[1]);
        if (is_user && (setresgid(USER, USER, USER) != 0 || setresuid(USER, USER, USER) != 0)) {
            setup_failed("setresuid");
        }
        while (receive_number(there[0], &index)) {
            act(paths[index]);
            send_number(back[1], index);
        }
        _exit(0);
    }
    close(there[0]);
    close(back[1]);
    return (struct helper){ there[1], back[0] };
}

static struct content race_content;
static int keeps;

static void read_some(const char *path)
{
    for (int i = 0; i < 3; i++) {
        int fd = open(path, O_RDONLY | O_CLOEXEC);
        if (fd >= 0) {
            close(fd);
        }
    }
}

static void write_mapped(const char *path)
{
    int fd = await_access(path);
    char *map = store(fd, race_content);
    close(fd);
    if (!keeps) {
        munmap(map, race_content.length);
    }
}

/*
 * race WAY DIRECTORY COUNT CONTENT: DIRECTORY/0 to COUNT-1 are clean and only root's to write. Each is opened for the
 * first time, and within some milliseconds made writable for a user, who at once maps it and stores CONTENT; with the
 * way "root" root does, and closes it. A while later all are opened again:
 *   race files=N passed=N
 */
int run_race(char **argv)
{
    enum { LONGEST_US = 3000 };
    const struct way *way = ways;
    while (way < ways + sizeof ways / sizeof *ways && strcmp(way->name, argv[1]) != 0) {
        way++;
    }
    if (way == ways + sizeof ways / sizeof *ways) {
        errno = EINVAL;
        setup_failed(argv[1]);
    }
    int count = number(argv[3], 1, 10000), index, passed = 0;
    char **paths = calloc(count, sizeof *paths);
    for (int i = 0; i < count; i++) {
        if (asprintf(&paths[i], "%s/%d", argv[2], i) < 0) {
            setup_failed("asprintf");
        }
    }
    race_content = read_file(argv[4]);
    keeps = way->give != by_nobody;
    struct helper reader = start(paths, read_some, 0);
    struct helper writer = start(paths, write_mapped, keeps);
    srand(getpid());
    for (int i = 0; i < count; i++) {
        send_number(reader.to, i);
        for (double end = now_ms() + rand() % LONGEST_US / 1e3; now_ms() < end;) {
        }
        way->give(paths[i]);
        send_number(writer.to, i);
        if (!receive_number(reader.from, &index) || !receive_number(writer.from, &index)) {
            setup_failed("a helper has ended");
        }
    }
    usleep(1000000);
    for (int i = 0; i < count; i++) {
        int fd = open(paths[i], O_RDONLY | O_CLOEXEC);
        passed += fd >= 0;
        if (fd >= 0) {
            close(fd);
        }
    }
    printf("race files=%d passed=%d\n", count, passed);
    return 0;
}
