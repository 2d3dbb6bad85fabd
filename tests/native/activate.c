/*
 * activate SOCKET PROGRAM [ARGUMENT...]: listens as a service manager does, and starts the program with the listening
 * socket as descriptor 3 (sd_listen_fds(3)) as soon as somebody connects; again whenever it has ended.
 *
 * It goes on living as the program's parent, so that the peer of a connection, for who asks the kernel (SO_PEERCRED:
 * whoever called listen), is not the program that answers. Prints "ready" when it listens and "started PID" each time.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define FIRST_PASSED 3
#define LIFETIME_SECONDS 300

static _Noreturn void fail(const char *what)
{
    fprintf(stderr, "activate: %s: %s\n", what, strerror(errno));
    exit(EXIT_FAILURE);
}

static int listen_on(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof address.sun_path)
    {
        errno = ENAMETOOLONG;
        fail(path);
    }
    strcpy(address.sun_path, path);
    unlink(path);
    int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (listener < 0 || bind(listener, (struct sockaddr *)&address, sizeof address) != 0 || listen(listener, 200) != 0)
    {
        fail(path);
    }
    return listener;
}

static void run(int listener, char **program, pid_t parent)
{
    char number[16];
    // A program that the tests have forgotten must not outlive them.
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent)
    {
        _exit(EXIT_FAILURE);
    }
    snprintf(number, sizeof number, "%d", (int)getpid());
    setenv("LISTEN_PID", number, 1);
    setenv("LISTEN_FDS", "1", 1);
    // The copy is inherited, the original is not; where they are one, dup2 would leave close-on-exec in place.
    if (listener == FIRST_PASSED)
    {
        listener = dup(listener);
    }
    if (dup2(listener, FIRST_PASSED) < 0)
    {
        fail("dup2");
    }
    close(listener);
    execv(program[0], program);
    fail(program[0]);
}

int main(int argc, char **argv)
{
    if (argc < 3)
    {
        fprintf(stderr, "usage: activate SOCKET PROGRAM [ARGUMENT...]\n");
        return 2;
    }
    int listener = listen_on(argv[1]);
    // Whoever started it may be gone by then; what it has started goes with it.
    alarm(LIFETIME_SECONDS);
    puts("ready");
    fflush(stdout);

    for (;;)
    {
        struct pollfd waiting = {listener, POLLIN, 0};
        if (poll(&waiting, 1, -1) < 0)
        {
            fail("poll");
        }
        pid_t parent = getpid();
        pid_t child = fork();
        if (child < 0)
        {
            fail("fork");
        }
        if (child == 0)
        {
            run(listener, argv + 2, parent);
        }
        printf("started %d\n", (int)child);
        fflush(stdout);
        if (waitpid(child, NULL, 0) < 0)
        {
            fail("waitpid");
        }
    }
}
