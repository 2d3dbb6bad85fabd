// Opener processes, each doing open, read, close over a list of files, and how long each of these took.
//
//   bench_opener --openers N --iterations N [--seconds S] [--cpu C] FILE...
//   bench_opener --openers N --once [--write] [--cpu C] FILE...
//
// Each of N processes does at most the given number of iterations, and stops early when S seconds have passed since
// the first of them began. With --once each process takes every N-th file, once: no file is opened twice. With --write
// files are opened for writing only, and neither read nor written. With --cpu all openers stay on that CPU. Prints one line of JSON: an open that was denied (EPERM) counts as an operation and is
// reported; any other error ends the program.

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MAX_OPENERS 256

struct opener
{
    uint64_t start_ns;
    uint64_t end_ns;
    uint64_t operations;
    uint64_t denied;
};

struct shared
{
    pthread_barrier_t all_here;
    _Atomic uint64_t stop_ns;
    struct opener openers[MAX_OPENERS];
};

struct plan
{
    long openers;
    long iterations;
    double seconds;
    int cpu;
    int once;
    int write;
    char **files;
    int file_count;
};

static _Noreturn void fail(const char *what)
{
    fprintf(stderr, "bench_opener: %s: %s\n", what, strerror(errno));
    exit(EXIT_FAILURE);
}

static uint64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

// Memory that parent and children share, with every page there before the clock starts.
static void *share(size_t bytes)
{
    void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    if (memory == MAP_FAILED)
    {
        fail("mmap");
    }
    return memory;
}

static int open_and_close(const char *path, int write)
{
    static char content[65536];

    int fd = open(path, (write ? O_WRONLY : O_RDONLY) | O_CLOEXEC);
    if (fd < 0)
    {
        if (errno != EPERM)
        {
            fail(path);
        }
        return 0;
    }
    if (!write && read(fd, content, sizeof content) < 0)
    {
        fail(path);
    }
    close(fd);
    return 1;
}

// How often this opener opens at most. With --once the files are shared out, and some get one less.
static uint64_t iterations_of(const struct plan *plan, int number)
{
    return (uint64_t)(plan->once ? (plan->file_count - number + plan->openers - 1) / plan->openers : plan->iterations);
}

static void run(const struct plan *plan, struct shared *shared, int number, uint64_t *latencies)
{
    struct opener *self = &shared->openers[number];
    uint64_t denied = 0;
    uint64_t count = 0;

    pthread_barrier_wait(&shared->all_here);
    self->start_ns = now_ns();
    uint64_t unset = 0;
    atomic_compare_exchange_strong(&shared->stop_ns, &unset, self->start_ns + (uint64_t)(plan->seconds * 1e9));
    uint64_t stop = atomic_load(&shared->stop_ns);

    // One reading of the clock ends an operation and begins the next.
    uint64_t began = self->start_ns;
    for (; count < iterations_of(plan, number) && began < stop; count++)
    {
        // Openers begin at different files, as unrelated programs would.
        uint64_t at = plan->once ? count * (uint64_t)plan->openers + (uint64_t)number : count + (uint64_t)number * 7;
        const char *path = plan->files[at % (uint64_t)plan->file_count];
        denied += !open_and_close(path, plan->write);
        uint64_t ended = now_ns();
        latencies[count] = ended - began;
        began = ended;
    }

    self->end_ns = began;
    self->operations = count;
    self->denied = denied;
}

static void start(const struct plan *plan, struct shared *shared, int number, uint64_t *latencies)
{
    pid_t parent = getpid();
    pid_t child = fork();
    if (child < 0)
    {
        fail("fork");
    }
    if (child > 0)
    {
        return;
    }

    // An opener that waits for an answer must not outlive a parent that was killed for waiting too long.
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent)
    {
        _exit(EXIT_FAILURE);
    }
    run(plan, shared, number, latencies);
    _exit(EXIT_SUCCESS);
}

static int by_value(const void *left, const void *right)
{
    uint64_t a = *(const uint64_t *)left;
    uint64_t b = *(const uint64_t *)right;
    return (a > b) - (a < b);
}

static void report(const struct plan *plan, const struct shared *shared, uint64_t *latencies)
{
    uint64_t first = UINT64_MAX;
    uint64_t last = 0;
    uint64_t operations = 0;
    uint64_t denied = 0;
    for (int i = 0; i < plan->openers; i++)
    {
        const struct opener *opener = &shared->openers[i];
        first = opener->start_ns < first ? opener->start_ns : first;
        last = opener->end_ns > last ? opener->end_ns : last;
        denied += opener->denied;
        memmove(latencies + operations, latencies + (uint64_t)i * (uint64_t)plan->iterations,
                opener->operations * sizeof *latencies);
        operations += opener->operations;
    }
    if (operations == 0)
    {
        errno = ENODATA;
        fail("no operation was done");
    }

    qsort(latencies, operations, sizeof *latencies, by_value);
    double seconds = (double)(last - first) / 1e9;
    printf("{\"openers\":%ld,\"operations\":%lu,\"denied\":%lu,\"seconds\":%.6f,\"ops_per_second\":%.1f,"
           "\"p50_us\":%.3f,\"p99_us\":%.3f,\"max_us\":%.3f}\n",
           plan->openers, operations, denied, seconds, (double)operations / seconds,
           (double)latencies[operations / 2] / 1e3, (double)latencies[(operations - 1) * 99 / 100] / 1e3,
           (double)latencies[operations - 1] / 1e3);
}

static void parse(int argc, char **argv, struct plan *plan)
{
    static const struct option options[] = {
        {"openers", required_argument, NULL, 'o'},
        {"iterations", required_argument, NULL, 'i'},
        {"seconds", required_argument, NULL, 's'},
        {"cpu", required_argument, NULL, 'c'},
        {"once", no_argument, NULL, 'n'},
        {"write", no_argument, NULL, 'w'},
        {0},
    };

    *plan = (struct plan){.openers = 1, .iterations = 0, .seconds = 3600, .cpu = -1};
    for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;)
    {
        switch (option)
        {
        case 'o':
            plan->openers = atol(optarg);
            break;
        case 'i':
            plan->iterations = atol(optarg);
            break;
        case 's':
            plan->seconds = atof(optarg);
            break;
        case 'c':
            plan->cpu = atoi(optarg);
            break;
        case 'n':
            plan->once = 1;
            break;
        case 'w':
            plan->write = 1;
            break;
        default:
            exit(2);
        }
    }

    plan->files = argv + optind;
    plan->file_count = argc - optind;
    if (plan->once)
    {
        plan->iterations = plan->file_count;
    }
    if (plan->openers < 1 || plan->openers > MAX_OPENERS || plan->iterations < 1 || plan->seconds <= 0 ||
        plan->file_count < 1)
    {
        fprintf(stderr,
                "usage: bench_opener --openers 1..%d (--iterations N [--seconds S] | --once) [--write] [--cpu C] FILE...\n",
                MAX_OPENERS);
        exit(2);
    }
}

int main(int argc, char **argv)
{
    struct plan plan;
    parse(argc, argv, &plan);

    if (plan.cpu >= 0)
    {
        cpu_set_t set;
        CPU_ZERO(&set);
        CPU_SET(plan.cpu, &set);
        if (sched_setaffinity(0, sizeof set, &set) != 0)
        {
            fail("sched_setaffinity");
        }
    }

    struct shared *shared = share(sizeof *shared);
    uint64_t *latencies = share((size_t)plan.openers * (size_t)plan.iterations * sizeof *latencies);
    pthread_barrierattr_t across_processes;
    pthread_barrierattr_init(&across_processes);
    pthread_barrierattr_setpshared(&across_processes, PTHREAD_PROCESS_SHARED);
    pthread_barrier_init(&shared->all_here, &across_processes, (unsigned)plan.openers);

    for (int i = 0; i < plan.openers; i++)
    {
        start(&plan, shared, i, latencies + (size_t)i * (size_t)plan.iterations);
    }
    for (int i = 0; i < plan.openers; i++)
    {
        int status;
        if (wait(&status) < 0)
        {
            fail("wait");
        }
        if (status != 0)
        {
            // The others may wait at the barrier for one that will never come; they end with this process.
            fprintf(stderr, "bench_opener: an opener failed\n");
            return EXIT_FAILURE;
        }
    }

    report(&plan, shared, latencies);
    return EXIT_SUCCESS;
}
