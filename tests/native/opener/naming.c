/* The ways to a file that do not use the name it was looked at under. */
#include "opener.h"
#include <libgen.h>
#include <signal.h>
#include <sys/stat.h>

int run_rename(char **argv)
{
    if (rename(argv[1], argv[2]) != 0) {
        setup_failed("rename");
    }
    return report_open(open(argv[2], O_RDONLY | O_CLOEXEC));
}

/* flip NAME OTHER SECONDS: renames there and back for that long; in the end it has its first name. */
int run_flip(char **argv)
{
    double end = now_ms() + number(argv[3], 1, 600) * 1e3;
    long flips = 0;
    puts("started");
    fflush(stdout);
    while (now_ms() < end) {
        if (rename(argv[1], argv[2]) != 0 || rename(argv[2], argv[1]) != 0) {
            setup_failed("rename");
        }
        flips++;
    }
    return report_ok(flips, CHECKSUM_START);
}

int run_link(char **argv)
{
    if (link(argv[1], argv[2]) != 0) {
        setup_failed("link");
    }
    return report_open(open(argv[2], O_RDONLY | O_CLOEXEC));
}

int run_symlink(char **argv)
{
    if (symlink(argv[1], argv[2]) != 0) {
        setup_failed("symlink");
    }
    return report_open(open(argv[2], O_RDONLY | O_CLOEXEC));
}

int run_handle(char **argv)
{
    struct file_handle *handle = calloc(1, sizeof *handle + MAX_HANDLE_SZ);
    int mount_id;
    handle->handle_bytes = MAX_HANDLE_SZ;
    if (name_to_handle_at(AT_FDCWD, argv[1], handle, &mount_id, 0) != 0) {
        setup_failed("name_to_handle_at");
    }
    int directory = open(dirname(strdup(argv[1])), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (directory < 0) {
        setup_failed("open directory");
    }
    return report_open(open_by_handle_at(directory, handle, O_RDONLY | O_CLOEXEC));
}

static int reopen(pid_t pid, int fd)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/fd/%d", pid, fd);
    return report_open(open(path, O_RDONLY | O_CLOEXEC));
}

int run_opath(char **argv)
{
    int fd = open(argv[1], O_PATH | O_CLOEXEC);
    if (fd < 0) {
        setup_failed("open O_PATH");
    }
    return reopen(getpid(), fd);
}

/*
 * proc-fd FILE CONTENT named|deleted: another process makes the file and keeps the fd that it made it with, which no
 * scanner is ever asked about; we come in through its /proc/PID/fd.
 */
int run_proc_fd(char **argv)
{
    struct content content = read_file(argv[2]);
    int ready[2];
    if (pipe2(ready, O_CLOEXEC) != 0) {
        setup_failed("pipe2");
    }

    pid_t maker = fork_child();
    if (maker == 0) {
        int fd = open(argv[1], O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0644);
        if (fd < 0) {
            setup_failed("create");
        }
        write_all(fd, content.bytes, content.length, "write");
        if (strcmp(argv[3], "deleted") == 0 && unlink(argv[1]) != 0) {
            setup_failed("unlink");
        }
        write_all(ready[1], &fd, sizeof fd, "pipe");
        pause();
    }

    int fd;
    close(ready[1]);
    if (read(ready[0], &fd, sizeof fd) != sizeof fd) {
        _exit(EXIT_SETUP);
    }
    int result = reopen(maker, fd);
    kill(maker, SIGKILL);
    return result;
}

/* tmpfile DIR NAME CONTENT: a file that has its content before it has a name. */
int run_tmpfile(char **argv)
{
    struct content content = read_file(argv[3]);
    int directory = open(argv[1], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int fd = open(argv[1], O_TMPFILE | O_RDWR | O_CLOEXEC, 0644);
    if (directory < 0 || fd < 0) {
        setup_failed("open O_TMPFILE");
    }
    write_all(fd, content.bytes, content.length, "write");

    char self[64];
    snprintf(self, sizeof self, "/proc/self/fd/%d", fd);
    if (linkat(AT_FDCWD, self, directory, argv[2], AT_SYMLINK_FOLLOW) != 0) {
        setup_failed("linkat");
    }
    close(fd);
    return report_open(openat(directory, argv[2], O_RDONLY | O_CLOEXEC));
}
