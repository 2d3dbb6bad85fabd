// Runs a command some times, one after the other, and says how long each run took: from before the fork to the exit.
//
//   bench_run TIMES COMMAND [ARGUMENT]...
//
// Prints one line of JSON. What the command writes to standard output is thrown away. A run that fails ends the
// program: a command that gives up early would look quick.

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MOST_TIMES 1000

static _Noreturn void fail(const char *what)
{
    fprintf(stderr, "bench_run: %s: %s\n", what, strerror(errno));
    exit(EXIT_FAILURE);
}

static uint64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static _Noreturn void become(char **command, int nowhere, pid_t parent)
{
    // Who waits for an answer must not outlive a parent that was killed for waiting too long.
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent || dup2(nowhere, STDOUT_FILENO) < 0)
    {
        _exit(EXIT_FAILURE);
    }
    execvp(command[0], command);
    fail(command[0]);
}

static double run(char **command, int nowhere)
{
    pid_t parent = getpid();
    uint64_t began = now_ns();
    pid_t child = fork();
    if (child == 0)
    {
        become(command, nowhere, parent);
    }
    int status;
    if (child < 0 || waitpid(child, &status, 0) < 0)
    {
        fail("fork");
    }
    double seconds = (double)(now_ns() - began) / 1e9;
    if (status != 0)
    {
        fprintf(stderr, "bench_run: %s: status 0x%x\n", command[0], (unsigned)status);
        exit(EXIT_FAILURE);
    }
    return seconds;
}

int main(int argc, char **argv)
{
    long times = argc < 3 ? 0 : atol(argv[1]);
    if (times < 1 || times > MOST_TIMES)
    {
        fprintf(stderr, "usage: bench_run 1..%d COMMAND [ARGUMENT]...\n", MOST_TIMES);
        return 2;
    }
    int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (nowhere < 0)
    {
        fail("/dev/null");
    }

    static double seconds[MOST_TIMES];
    for (long i = 0; i < times; i++)
    {
        seconds[i] = run(argv + 2, nowhere);
    }
    printf("{\"seconds\":[");
    for (long i = 0; i < times; i++)
    {
        printf("%s%.9f", i == 0 ? "" : ",", seconds[i]);
    }
    puts("]}");
    return EXIT_SUCCESS;
}
