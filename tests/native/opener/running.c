/* The ways to run what a file holds. What is reported as content is what the program printed. */
#include "opener.h"
#include <dlfcn.h>
#include <sys/wait.h>

/* The kernel's answer reaches us only as another program's message; everything else is a failure of the test. */
static int errno_of_message(const char *message)
{
    return strstr(message, "Operation not permitted") != NULL ? EPERM
        : strstr(message, "Permission denied") != NULL ? EACCES : ENOMSG;
}

static int spawn(char *const argv[], int *failure)
{
    int output[2], error[2];
    if (pipe2(output, O_CLOEXEC) != 0 || pipe2(error, O_CLOEXEC) != 0) {
        setup_failed("pipe2");
    }

    pid_t child = fork_child();
    if (child == 0) {
        char *environment[] = { "PATH=/usr/bin:/bin", "LC_ALL=C", NULL };
        dup2(output[1], STDOUT_FILENO);
        dup2(output[1], STDERR_FILENO);
        execve(argv[0], argv, environment);
        int refused = errno;
        _exit(write(error[1], &refused, sizeof refused) != sizeof refused);
    }

    close(output[1]);
    close(error[1]);
    *failure = 0;
    if (read(error[0], failure, sizeof *failure) < 0) {
        setup_failed("read");
    }
    return output[0];
}

/* exec FILE: a binary, or a script that names its interpreter. */
int run_exec(char **argv)
{
    char *arguments[] = { argv[1], NULL };
    int refused;
    int output = spawn(arguments, &refused);
    return refused != 0 ? report_errno(refused) : report_open(output);
}

/* sh FILE: the shell opens the script for reading; no exec of it is ever seen. */
int run_sh(char **argv)
{
    char *arguments[] = { "/bin/sh", argv[1], NULL };
    int refused, status;
    int output = spawn(arguments, &refused);
    if (refused != 0) {
        errno = refused;
        setup_failed("/bin/sh");
    }

    struct content text = read_all(output);
    if (wait(&status) < 0) {
        setup_failed("wait");
    }
    return status == 0 ? report_text(text.bytes) : report_errno(errno_of_message(text.bytes));
}

int run_dlopen(char **argv)
{
    void *library = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);
    if (library == NULL) {
        return report_errno(errno_of_message(dlerror()));
    }

    const char *(*text)(void);
    *(void **)&text = dlsym(library, "sample_text");
    return text == NULL ? report_errno(ENOMSG) : report_text(text());
}
