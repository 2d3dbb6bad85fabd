// Runs a command and says how long that took, from before the fork to the exit.
//
//   bench_run COMMAND [ARGUMENT]...
//
// Prints one line of JSON. What the command writes to standard output goes into memory: grep(1) gives up early where
// that is /dev/null. A command that fails would look quick, and is a failure here, too.

#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

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

static _Noreturn void become(char **command, int output, pid_t parent)
{
    // Who waits for an answer must not outlive a parent that was killed for waiting too long.
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent || dup2(output, STDOUT_FILENO) < 0)
    {
        _exit(EXIT_FAILURE);
    }
    execvp(command[0], command);
    fail(command[0]);
}

static double run(char **command, int output)
{
    pid_t parent = getpid();
    uint64_t began = now_ns();
    pid_t child = fork();
    if (child == 0)
    {
        become(command, output, parent);
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
    if (argc < 2)
    {
        fprintf(stderr, "usage: bench_run COMMAND [ARGUMENT]...\n");
        return 2;
    }
    int output = memfd_create("output", MFD_CLOEXEC);
    if (output < 0)
    {
        fail("memfd_create");
    }
    printf("{\"seconds\":%.9f}\n", run(argv + 1, output));
    return EXIT_SUCCESS;
}
