/* Threads that begin to open at the very same moment. */
#include "opener.h"
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>

#define THREADS 2

/* Milliseconds. Far more than an open waits for its answer while nobody else opens anything. */
#define LOST 5e3

static pthread_barrier_t moment;
static atomic_int over;

/* What the first thread has seen of it: both must go the same way. */
static atomic_int is_last;

static atomic_int failed;
static atomic_long rounds;

/* When the open under way began; 0 between two. */
static _Atomic double since[THREADS];

struct part {
    const char *path;
    int number;
};

static void *open_together(void *argument)
{
    struct part *part = argument;
    for (;;) {
        if (part->number == 0) {
            is_last = over;
        }
        pthread_barrier_wait(&moment);
        int ends = is_last;
        pthread_barrier_wait(&moment);
        if (ends) {
            return NULL;
        }
        since[part->number] = now_ms();
        int fd = open(part->path, O_RDONLY | O_CLOEXEC);
        since[part->number] = 0;
        if (fd < 0) {
            failed = errno;
        } else {
            close(fd);
        }
        rounds += part->number == 0;
    }
}

/*
 * together SECONDS FIRST SECOND: two threads open one file each at the same moment, again and again. Between two
 * moments nobody opens anything. An open that waits for too long ends the command with ETIMEDOUT.
 */
int run_together(char **argv)
{
    double end = now_ms() + number(argv[1], 1, 600) * 1e3;
    struct part parts[THREADS] = { { argv[2], 0 }, { argv[3], 1 } };
    pthread_t threads[THREADS];
    if (pthread_barrier_init(&moment, NULL, THREADS) != 0) {
        setup_failed("pthread_barrier_init");
    }
    for (int i = 0; i < THREADS; i++) {
        if (pthread_create(&threads[i], NULL, open_together, &parts[i]) != 0) {
            setup_failed("pthread_create");
        }
    }

    while (now_ms() < end && failed == 0) {
        usleep(10000);
        for (int i = 0; i < THREADS; i++) {
            double began = since[i];
            if (began != 0 && now_ms() - began > LOST) {
                report_errno(ETIMEDOUT);
                fflush(stdout);
                /* Nothing else ends a thread that waits for an answer. */
                kill(getpid(), SIGKILL);
            }
        }
    }
    over = 1;
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
    }
    return failed != 0 ? report_errno(failed) : report_ok(rounds, CHECKSUM_START);
}
