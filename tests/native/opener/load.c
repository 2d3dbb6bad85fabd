/*
 * Many processes that open files at once, each of which knows what the answer has to be.
 *
 * LIST is a file with one "c PATH" (clean), "i PATH" (infected) or "w PATH" (clean, opened for writing) per line. The
 * result is one line of counts:
 *   load processes=N opens=N clean_allowed=N clean_denied=N infected_allowed=N infected_denied=N other=N
 *        undecided=N hung=N longest_ms=N p50_ms=N p99_ms=N seconds=N
 * "other" is an error that is not EPERM; "undecided" are opens of files that were changing meanwhile (turn.c); "hung"
 * are processes that had no answer when the time was over. The percentiles are those of a sweep; the other commands do
 * not keep single times.
 */
#include "load.h"
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>

struct target {
    int infected;
    int flags;
    char *path;
};

static struct target *targets;
static long target_count;

/* What a sweep waited for each target, in milliseconds; NULL for the other commands. */
static double *waits;

static void read_list(const char *path)
{
    struct content list = read_file(path);
    for (char *line = strtok(list.bytes, "\n"); line != NULL; line = strtok(NULL, "\n")) {
        targets = realloc(targets, (target_count + 1) * sizeof *targets);
        targets[target_count++] = (struct target){
            line[0] == 'i', line[0] == 'w' ? O_WRONLY : O_RDONLY, line + 2 };
    }
    if (target_count == 0) {
        errno = EINVAL;
        setup_failed("empty list");
    }
}

double open_timed(struct account *account, const char *path, int flags, int *fd)
{
    account->waiting_since = account->began = now_ms();
    *fd = open(path, flags | O_CLOEXEC);
    int error = errno;
    double waited = now_ms() - account->waiting_since;
    account->waiting_since = 0;
    account->opens++;
    if (waited > account->longest) {
        account->longest = waited;
    }
    errno = error;
    return waited;
}

void count_answer(struct account *account, int infected, int fd)
{
    if (fd >= 0) {
        account->allowed[infected]++;
    } else if (errno == EPERM) {
        account->denied[infected]++;
    } else {
        account->other++;
    }
}

static double open_once(struct account *account, struct target target)
{
    int fd;
    double waited = open_timed(account, target.path, target.flags, &fd);
    count_answer(account, target.infected, fd);
    if (fd >= 0) {
        close(fd);
    }
    return waited;
}

static void await_start(int go)
{
    char byte;
    if (read(go, &byte, 1) != 0) {
        _exit(EXIT_SETUP);
    }
}

static void run_part(struct account *account, long first, const struct load *load)
{
    for (long i = first; i < target_count; i += load->processes) {
        waits[i] = open_once(account, targets[i]);
    }
}

static void run_one(struct account *account, long first, const struct load *load)
{
    double end = now_ms() + load->seconds * 1e3;
    do {
        open_once(account, targets[first++ % target_count]);
    } while (now_ms() < end);
}

static int by_value(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

/* Targets that were never reached count as 0 and so make nothing look slower than it was; "opens" tells. */
static double percentile(int percent)
{
    return waits == NULL ? 0 : waits[(target_count - 1) * percent / 100];
}

static int report_load(struct account *accounts, long count, double seconds)
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
        all.undecided += one.undecided;
        hung += !one.done;
        all.longest = one.longest > all.longest ? one.longest : all.longest;
        for (int kind = 0; kind < 2; kind++) {
            all.allowed[kind] += one.allowed[kind];
            all.denied[kind] += one.denied[kind];
        }
    }
    printf("load processes=%ld opens=%ld clean_allowed=%ld clean_denied=%ld infected_allowed=%ld infected_denied=%ld "
           "other=%ld undecided=%ld hung=%ld longest_ms=%.3f p50_ms=%.3f p99_ms=%.3f seconds=%.3f\n", count, all.opens,
           all.allowed[0], all.denied[0], all.allowed[1], all.denied[1], all.other, all.undecided, hung, all.longest,
           percentile(50), percentile(99), seconds);
    return 0;
}

void *share(size_t size)
{
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) {
        setup_failed("mmap");
    }
    return memory;
}

/* When whoever has not ended by then counts as hung; told to end, all have one more second and the grace. */
static double end_of(const struct load *load, double begun)
{
    static double told;
    if (load->is_ending != NULL && *load->is_ending && told == 0) {
        told = now_ms() + 1e3;
    }
    return (told > 0 ? told : begun + load->seconds * 1e3) + load->grace * 1e3;
}

int run_load(const struct load *load)
{
    struct account *accounts = share(load->processes * sizeof *accounts);
    pid_t *children = calloc(load->processes, sizeof *children);
    int go[2];
    if (children == NULL || pipe2(go, O_CLOEXEC) != 0) {
        setup_failed("load");
    }
    for (long i = 0; i < load->processes; i++) {
        children[i] = fork_child();
        if (children[i] == 0) {
            close(go[1]);
            await_start(go[0]);
            load->run(&accounts[i], i, load);
            accounts[i].done = 1;
            _exit(0);
        }
    }

    /* The end of the pipe is the starting shot for all of them; the line tells the test that it has been fired. */
    puts("started");
    fflush(stdout);
    close(go[1]);
    double begun = now_ms();
    long left = load->processes;
    while (left > 0 && now_ms() < end_of(load, begun)) {
        pid_t ended = waitpid(-1, NULL, WNOHANG);
        left -= ended > 0;
        if (ended == 0) {
            usleep(1000);
        }
    }
    double elapsed = (now_ms() - begun) / 1e3;
    if (waits != NULL) {
        qsort(waits, target_count, sizeof *waits, by_value);
    }
    report_load(accounts, load->processes, elapsed);
    for (long i = 0; i < load->processes; i++) {
        if (!accounts[i].done) {
            kill(children[i], SIGKILL);
        }
    }
    return 0;
}

/* flood PROCESSES LIST GRACE: each opens one file, all at the same moment. */
int run_flood(char **argv)
{
    read_list(argv[2]);
    return run_load(&(struct load){
        .processes = number(argv[1], 1, 10000), .grace = number(argv[3], 1, 600), .run = run_one });
}

/* loop PROCESSES SECONDS LIST GRACE: each opens one file after the other for that long. */
int run_loop(char **argv)
{
    read_list(argv[3]);
    return run_load(&(struct load){
        .processes = number(argv[1], 1, 10000), .seconds = number(argv[2], 1, 600),
        .grace = number(argv[4], 1, 600), .run = run_one });
}

/* sweep PROCESSES LIST GRACE: together they open every file of the list once. */
int run_sweep(char **argv)
{
    read_list(argv[2]);
    waits = share(target_count * sizeof *waits);
    return run_load(&(struct load){
        .processes = number(argv[1], 1, 10000), .grace = number(argv[3], 1, 600), .run = run_part });
}
