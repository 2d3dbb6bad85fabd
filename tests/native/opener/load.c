/*
 * Many processes that open files at once, each of which knows what the answer has to be.
 *
 * LIST is a file with one "c PATH" (clean) or "i PATH" (infected) per line. The result is one line of counts:
 *   load processes=N opens=N clean_allowed=N clean_denied=N infected_allowed=N infected_denied=N other=N hung=N
 *        longest_ms=N
 * "other" is an error that is not EPERM; "hung" are processes that had no answer when the time was over.
 */
#include "opener.h"
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>

struct target {
    int infected;
    char *path;
};

/* Shared with the parent, who reads it also when the process hangs. */
struct account {
    long opens, allowed[2], denied[2], other;
    double longest;
    double waiting_since;
    int done;
};

static struct target *targets;
static long target_count;

static void read_list(const char *path)
{
    struct content list = read_file(path);
    for (char *line = strtok(list.bytes, "\n"); line != NULL; line = strtok(NULL, "\n")) {
        targets = realloc(targets, (target_count + 1) * sizeof *targets);
        targets[target_count++] = (struct target){ line[0] == 'i', line + 2 };
    }
    if (target_count == 0) {
        errno = EINVAL;
        setup_failed("empty list");
    }
}

static void open_once(struct account *account, struct target target)
{
    account->waiting_since = now_ms();
    int fd = open(target.path, O_RDONLY | O_CLOEXEC);
    int error = errno;
    double waited = now_ms() - account->waiting_since;
    account->waiting_since = 0;
    if (fd >= 0) {
        close(fd);
        account->allowed[target.infected]++;
    } else if (error == EPERM) {
        account->denied[target.infected]++;
    } else {
        account->other++;
    }
    account->opens++;
    if (waited > account->longest) {
        account->longest = waited;
    }
}

static void run_one(struct account *account, long first, double seconds, int go)
{
    char byte;
    if (read(go, &byte, 1) != 0) {
        _exit(EXIT_SETUP);
    }
    double end = now_ms() + seconds * 1e3;
    do {
        open_once(account, targets[first++ % target_count]);
    } while (now_ms() < end);
    account->done = 1;
    _exit(0);
}

static int report_load(struct account *accounts, long count)
{
    struct account all = { 0 };
    long hung = 0;
    for (long i = 0; i < count; i++) {
        struct account one = accounts[i];
        if (one.waiting_since > 0 && now_ms() - one.waiting_since > one.longest) {
            one.longest = now_ms() - one.waiting_since;
        }
        all.opens += one.opens;
        all.other += one.other;
        hung += !one.done;
        all.longest = one.longest > all.longest ? one.longest : all.longest;
        for (int kind = 0; kind < 2; kind++) {
            all.allowed[kind] += one.allowed[kind];
            all.denied[kind] += one.denied[kind];
        }
    }
    printf("load processes=%ld opens=%ld clean_allowed=%ld clean_denied=%ld infected_allowed=%ld infected_denied=%ld "
           "other=%ld hung=%ld longest_ms=%.1f\n", count, all.opens, all.allowed[0], all.denied[0], all.allowed[1],
           all.denied[1], all.other, hung, all.longest);
    return 0;
}

static int run_load(long count, double seconds, const char *list, double grace)
{
    read_list(list);
    struct account *accounts = mmap(NULL, count * sizeof *accounts, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
                                    -1, 0);
    pid_t *children = calloc(count, sizeof *children);
    int go[2];
    if (accounts == MAP_FAILED || children == NULL || pipe2(go, O_CLOEXEC) != 0) {
        setup_failed("load");
    }
    for (long i = 0; i < count; i++) {
        children[i] = fork_child();
        if (children[i] == 0) {
            close(go[1]);
            run_one(&accounts[i], i, seconds, go[0]);
        }
    }

    /* The end of the pipe is the starting shot for all of them; the line tells the test that it has been fired. */
    puts("started");
    fflush(stdout);
    close(go[1]);
    double end = now_ms() + (seconds + grace) * 1e3;
    long left = count;
    while (left > 0 && now_ms() < end) {
        pid_t ended = waitpid(-1, NULL, WNOHANG);
        left -= ended > 0;
        if (ended == 0) {
            usleep(1000);
        }
    }
    report_load(accounts, count);
    for (long i = 0; i < count; i++) {
        if (!accounts[i].done) {
            kill(children[i], SIGKILL);
        }
    }
    return 0;
}

/* flood PROCESSES LIST GRACE: each opens one file, all at the same moment. */
int run_flood(char **argv)
{
    return run_load(number(argv[1], 1, 10000), 0, argv[2], number(argv[3], 1, 600));
}

/* loop PROCESSES SECONDS LIST GRACE: each opens one file after the other for that long. */
int run_loop(char **argv)
{
    return run_load(number(argv[1], 1, 10000), number(argv[2], 1, 600), argv[3], number(argv[4], 1, 600));
}
