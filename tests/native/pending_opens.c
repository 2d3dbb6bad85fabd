/*
 * Opens that nobody answers: many processes of many users that wait for the same group.
 *
 *   pending_opens COUNT USERS DIRECTORY
 *
 * Process I of COUNT opens the file named I in DIRECTORY, as user FIRST_USER + I % USERS. Prints "ready" once all of
 * them wait, and then how many were answered all the same: "answered N" whenever N has changed. Ends when it is killed,
 * and all openers with it.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#define FIRST_USER 60100
#define MOST 20000
#define LIFETIME_SECONDS 600
#define PAUSE_MICROSECONDS 20000

struct account
{
    atomic_int opening;
    atomic_int answered;
};

static struct account *account;

static _Noreturn void fail(const char *what)
{
    fprintf(stderr, "pending_opens: %s: %s\n", what, strerror(errno));
    exit(EXIT_FAILURE);
}

static _Noreturn void run_opener(int directory, long number, long users, pid_t parent)
{
    uid_t user = FIRST_USER + (uid_t)(number % users);
    char name[16];
    snprintf(name, sizeof name, "%ld", number);
    // Not before the change of user, which resets it.
    if (setgroups(0, NULL) != 0 || setresgid(user, user, user) != 0 || setresuid(user, user, user) != 0 ||
        prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent)
    {
        fail("setresuid");
    }
    account->opening++;
    // Through a directory that was opened as root: the way to it need not be open to all.
    int fd = openat(directory, name, O_RDONLY | O_CLOEXEC);
    if (fd < 0 && errno != EPERM)
    {
        fail(name);
    }
    account->answered++;
    _exit(EXIT_SUCCESS);
}

// Who waits for an answer sleeps uninterruptibly, which is the third field of proc_pid_stat(5).
static int is_waiting(pid_t process)
{
    char path[64], line[256] = "";
    snprintf(path, sizeof path, "/proc/%d/stat", process);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t length = fd < 0 ? -1 : read(fd, line, sizeof line - 1);
    close(fd);
    const char *name_end = length > 0 ? strrchr(line, ')') : NULL;
    return name_end != NULL && name_end[2] == 'D';
}

static long count_waiting(const pid_t *processes, long count)
{
    long waiting = 0;
    for (long i = 0; i < count; i++)
    {
        waiting += is_waiting(processes[i]);
    }
    return waiting;
}

int main(int argc, char **argv)
{
    long count = argc == 4 ? atol(argv[1]) : 0;
    long users = argc == 4 ? atol(argv[2]) : 0;
    if (count < 1 || count > MOST || users < 1)
    {
        fprintf(stderr, "usage: pending_opens COUNT USERS DIRECTORY\n");
        return 2;
    }
    // Whoever started it may be gone by then.
    alarm(LIFETIME_SECONDS);
    signal(SIGCHLD, SIG_IGN);
    account = mmap(NULL, sizeof *account, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    int directory = open(argv[3], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    pid_t *processes = calloc((size_t)count, sizeof *processes);
    if (account == MAP_FAILED || directory < 0 || processes == NULL)
    {
        fail(argv[3]);
    }

    pid_t parent = getpid();
    for (long i = 0; i < count; i++)
    {
        processes[i] = fork();
        if (processes[i] < 0)
        {
            fail("fork");
        }
        if (processes[i] == 0)
        {
            run_opener(directory, i, users, parent);
        }
    }
    while (account->answered == 0 && (account->opening < count || count_waiting(processes, count) < count))
    {
        usleep(PAUSE_MICROSECONDS);
    }
    if (account->answered == 0)
    {
        puts("ready");
        fflush(stdout);
    }
    for (int told = 0;;)
    {
        int answered = account->answered;
        if (answered != told)
        {
            printf("answered %d\n", told = answered);
            fflush(stdout);
        }
        usleep(PAUSE_MICROSECONDS);
    }
}
