/*
 * own_mount DIRECTORY FILE SOCKET: a program that watches the file system of DIRECTORY and opens FILE on it itself.
 *
 * It enters a private mount namespace, executes itself anew there, ignores its own clone of the mount, and then opens
 * FILE three times without anybody reading the group: itself, after executing itself once more, and in a child. It
 * tells each success on SOCKET, then "ready", then denies the first event that arrives and tells the opener's id.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fanotify.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static void check(int result, const char *what)
{
    if (result < 0) {
        perror(what);
        exit(1);
    }
}

static void say(char **argv, const char *text)
{
    check(send(atoi(argv[3]), text, strlen(text), 0), "send");
}

static void again(const char *stage, int group, char **argv)
{
    char number[16];
    snprintf(number, sizeof number, "%d", group);
    setenv("STAGE", stage, 1);
    setenv("GROUP", number, 1);
    execv("/proc/self/exe", argv);
    check(-1, "execv");
}

static void open_it(char **argv, const char *who)
{
    int fd = open(argv[2], O_RDONLY | O_CLOEXEC);
    check(fd, argv[2]);
    close(fd);
    say(argv, who);
}

static void answer_one(int group, char **argv)
{
    struct pollfd waiting = {group, POLLIN, 0};
    struct fanotify_event_metadata event;
    if (poll(&waiting, 1, 10000) != 1 || read(group, &event, sizeof event) != sizeof event)
        exit(3);
    struct fanotify_response response = {event.fd, FAN_DENY};
    check(write(group, &response, sizeof response), "write");
    close(event.fd);
    char text[32];
    snprintf(text, sizeof text, "event %d", event.pid);
    say(argv, text);
}

int main(int argc, char **argv)
{
    if (argc != 4)
        return 2;
    const char *stage = getenv("STAGE");
    if (stage == NULL) {
        int group = fanotify_init(FAN_CLASS_CONTENT | FAN_UNLIMITED_QUEUE, O_RDONLY | O_CLOEXEC);
        check(group, "fanotify_init");
        check(unshare(CLONE_NEWNS), "unshare");
        check(mount("none", "/", NULL, MS_REC | MS_SLAVE, NULL), "mount");
        again("marks", group, argv);
    }

    int group = atoi(getenv("GROUP"));
    if (strcmp(stage, "marks") == 0) {
        /* The exemption first: in the other order an open of our own in between would wait for ever. */
        check(fanotify_mark(group, FAN_MARK_ADD | FAN_MARK_MOUNT | FAN_MARK_IGNORE_SURV, FAN_OPEN_PERM, AT_FDCWD, argv[1]),
              "ignore the mount");
        check(fanotify_mark(group, FAN_MARK_ADD | FAN_MARK_FILESYSTEM, FAN_OPEN_PERM, AT_FDCWD, argv[1]),
              "mark the file system");
        open_it(argv, "itself");
        again("executed", group, argv);
    }

    open_it(argv, "executed");
    pid_t child = fork();
    check(child, "fork");
    if (child == 0) {
        open_it(argv, "child");
        _exit(0);
    }
    int status;
    check(waitpid(child, &status, 0), "waitpid");
    say(argv, "ready");
    answer_one(group, argv);
    return 0;
}
