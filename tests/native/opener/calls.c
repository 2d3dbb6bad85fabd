/* The same open by every system call that can make it, and by processes of every make. */
#include "opener.h"
#include <linux/openat2.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/syscall.h>
#include <sys/wait.h>

/* 32-bit numbers, and the bit that stands for the x32 ABI. */
#define COMPAT_open 5
#define COMPAT_creat 8
#define COMPAT_openat 295
#define X32 0x40000000

/* What every 64-bit process can do: a 32-bit call, with arguments below 4 GiB. */
static long compat(long call, uint32_t first, uint32_t second, uint32_t third, uint32_t fourth)
{
    long result;
    __asm__ volatile("push %%rbx; mov %2, %%ebx; int $0x80; pop %%rbx"
                     : "=a"(result)
                     : "a"(call), "r"(first), "c"(second), "d"(third), "S"(fourth)
                     : "memory", "cc", "r8", "r9", "r10", "r11");
    if ((int)result < 0) {
        errno = -(int)result;
        return -1;
    }
    return (int)result;
}

static uint32_t low_copy(const char *text)
{
    char *copy = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
    if (copy == MAP_FAILED || strlen(text) >= 4096) {
        setup_failed("mmap");
    }
    strcpy(copy, text);
    return (uint32_t)(uintptr_t)copy;
}

static int open_by(const char *call, long flags, const char *path)
{
    struct open_how how = { .flags = flags, .mode = flags & O_CREAT ? 0600 : 0 };
    if (strcmp(call, "open") == 0) {
        return syscall(SYS_open, path, flags, 0600);
    }
    if (strcmp(call, "openat") == 0) {
        return syscall(SYS_openat, AT_FDCWD, path, flags, 0600);
    }
    if (strcmp(call, "creat") == 0) {
        return syscall(SYS_creat, path, 0600);
    }
    if (strcmp(call, "openat2") == 0) {
        return syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof how);
    }
    if (strcmp(call, "x32-open") == 0) {
        return syscall(X32 | SYS_open, path, flags, 0600);
    }
    if (strcmp(call, "compat-open") == 0) {
        return compat(COMPAT_open, low_copy(path), flags, 0600, 0);
    }
    if (strcmp(call, "compat-openat") == 0) {
        return compat(COMPAT_openat, (uint32_t)AT_FDCWD, low_copy(path), flags, 0600);
    }
    if (strcmp(call, "compat-creat") == 0) {
        return compat(COMPAT_creat, low_copy(path), 0600, 0, 0);
    }
    errno = EINVAL;
    setup_failed(call);
}

/* Every way to what a descriptor leads to. The last one is an open of its own. */
static int report_readable(int fd)
{
    char buffer[4096], again[64];
    ssize_t got = read(fd, buffer, sizeof buffer);
    if (got >= 0) {
        return report_ok(got, checksum_add(CHECKSUM_START, buffer, got));
    }

    int memory = memfd_create("calls", MFD_CLOEXEC);
    off_t from = 0;
    loff_t start = 0;
    if (pread(fd, buffer, sizeof buffer, 0) > 0 || sendfile(memory, fd, &from, sizeof buffer) > 0
        || copy_file_range(fd, &start, memory, NULL, sizeof buffer, 0) > 0
        || mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0) != MAP_FAILED
        || mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 0) != MAP_FAILED) {
        return report_text("read without read(2)");
    }
    snprintf(again, sizeof again, "/proc/self/fd/%d", fd);
    int reopened = open(again, O_RDONLY | O_CLOEXEC);
    got = reopened < 0 ? 0 : read(reopened, buffer, sizeof buffer);
    return report_ok(got, checksum_add(CHECKSUM_START, buffer, got));
}

/* call NAME FLAGS FILE: reports what can be read through the descriptor, 0 bytes if nothing can. */
int run_call(char **argv)
{
    int fd = open_by(argv[1], strtol(argv[2], NULL, 0), argv[3]);
    return fd < 0 ? report_errno(errno) : report_readable(fd);
}

struct rest {
    int argc;
    char **argv;
};

static void *idle(void *unused)
{
    for (;;) {
        pause();
    }
    return unused;
}

static void *go_on(void *rest)
{
    struct rest *of = rest;
    exit(dispatch(of->argc, of->argv));
}

static void start_thread(void *(*run)(void *), void *argument)
{
    pthread_t thread;
    if (pthread_create(&thread, NULL, run, argument) != 0) {
        setup_failed("pthread_create");
    }
}

/* two-threads COMMAND... */
int run_two_threads(int argc, char **argv)
{
    start_thread(idle, NULL);
    return dispatch(argc - 1, argv + 1);
}

/* dead-leader COMMAND...: in a second thread, when the first one has ended. */
int run_dead_leader(int argc, char **argv)
{
    static struct rest rest;
    rest = (struct rest){ argc - 1, argv + 1 };
    start_thread(go_on, &rest);
    pthread_exit(NULL);
}

static int go_on_in_clone(void *rest)
{
    struct rest *of = rest;
    int result = dispatch(of->argc, of->argv);
    fflush(stdout);
    _exit(result);
}

/* vfork COMMAND...: in a child that has this process's memory, while this process waits for it. */
int run_vfork(int argc, char **argv)
{
    static char stack[1 << 20] __attribute__((aligned(16)));
    struct rest rest = { argc - 1, argv + 1 };
    int status;
    pid_t child = clone(go_on_in_clone, stack + sizeof stack, CLONE_VM | CLONE_VFORK | SIGCHLD, &rest);
    if (child < 0 || waitpid(child, &status, 0) != child) {
        setup_failed("clone");
    }
    return WEXITSTATUS(status);
}
