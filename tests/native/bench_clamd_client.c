// The yardstick for an engine behind a socket: open, read, close, and have clamd scan each file in between. No kernel
// event is involved, and nobody decides anything.
//
//   bench_clamd_client --socket PATH --openers N FILE...
//
// Each of N processes takes every N-th file, once, in an IDSESSION of its own, one FILDES after the other. Prints one
// line of JSON like bench_opener's; scan_p50_us is the time from the request to the reply alone. A file that is found
// infected counts as denied; a reply that is neither ends the program.

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MAX_OPENERS 256

struct opener
{
    uint64_t start_ns;
    uint64_t end_ns;
    uint64_t denied;
};

struct shared
{
    pthread_barrier_t all_here;
    struct opener openers[MAX_OPENERS];
};

struct plan
{
    const char *socket;
    long openers;
    char **files;
    long file_count;
};

static _Noreturn void fail(const char *what)
{
    fprintf(stderr, "bench_clamd_client: %s: %s\n", what, strerror(errno));
    exit(EXIT_FAILURE);
}

static uint64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static void *share(size_t bytes)
{
    void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    if (memory == MAP_FAILED)
    {
        fail("mmap");
    }
    return memory;
}

static int begin_session(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof address.sun_path)
    {
        errno = ENAMETOOLONG;
        fail(path);
    }
    strcpy(address.sun_path, path);
    int session = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (session < 0 || connect(session, (struct sockaddr *)&address, sizeof address) != 0 ||
        send(session, "zIDSESSION", sizeof "zIDSESSION", MSG_NOSIGNAL) != sizeof "zIDSESSION")
    {
        fail(path);
    }
    return session;
}

// Command, one byte and descriptor in one message. The byte is the one that carries the descriptor.
static void request(int session, int fd)
{
    static char command[] = "zFILDES\0-";
    struct iovec part = {command, sizeof command - 1};
    union
    {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(sizeof(int))];
    } control = {0};
    struct msghdr message = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof control.bytes};
    control.header = (struct cmsghdr){
        .cmsg_len = CMSG_LEN(sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS};
    memcpy(CMSG_DATA(&control.header), &fd, sizeof fd);
    if (sendmsg(session, &message, MSG_NOSIGNAL) != (ssize_t)part.iov_len)
    {
        fail("sendmsg");
    }
}

static int is_clean(int session)
{
    static const char clean[] = ": OK", infected[] = " FOUND";
    char reply[1024];
    size_t length = 0;
    do
    {
        ssize_t got = length < sizeof reply ? recv(session, reply + length, sizeof reply - length, 0) : 0;
        if (got <= 0)
        {
            fail("recv");
        }
        length += (size_t)got;
    } while (reply[length - 1] != 0);

    // Both lengths count the terminating zero, and so does the reply's.
    if (length > sizeof clean && strcmp(reply + length - sizeof clean, clean) == 0)
    {
        return 1;
    }
    if (length > sizeof infected && strcmp(reply + length - sizeof infected, infected) == 0)
    {
        return 0;
    }
    errno = EBADMSG;
    fail(reply);
}

static int open_scan_read_close(int session, const char *path, uint64_t *scan_ns)
{
    static char content[65536];

    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
    {
        fail(path);
    }
    uint64_t asked = now_ns();
    request(session, fd);
    int clean = is_clean(session);
    *scan_ns = now_ns() - asked;
    if (read(fd, content, sizeof content) < 0)
    {
        fail(path);
    }
    close(fd);
    return clean;
}

static void run(const struct plan *plan, struct shared *shared, long number, uint64_t *times, uint64_t *scans)
{
    struct opener *self = &shared->openers[number];
    int session = begin_session(plan->socket);
    pthread_barrier_wait(&shared->all_here);
    self->start_ns = now_ns();
    uint64_t began = self->start_ns;
    for (long i = number; i < plan->file_count; i += plan->openers)
    {
        self->denied += !open_scan_read_close(session, plan->files[i], &scans[i]);
        uint64_t ended = now_ns();
        times[i] = ended - began;
        began = ended;
    }
    self->end_ns = began;
}

static void start(const struct plan *plan, struct shared *shared, long number, uint64_t *times, uint64_t *scans)
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
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent)
    {
        _exit(EXIT_FAILURE);
    }
    run(plan, shared, number, times, scans);
    _exit(EXIT_SUCCESS);
}

static int by_value(const void *left, const void *right)
{
    uint64_t a = *(const uint64_t *)left;
    uint64_t b = *(const uint64_t *)right;
    return (a > b) - (a < b);
}

static void report(const struct plan *plan, const struct shared *shared, uint64_t *times, uint64_t *scans)
{
    uint64_t first = UINT64_MAX;
    uint64_t last = 0;
    uint64_t denied = 0;
    for (long i = 0; i < plan->openers; i++)
    {
        const struct opener *opener = &shared->openers[i];
        first = opener->start_ns < first ? opener->start_ns : first;
        last = opener->end_ns > last ? opener->end_ns : last;
        denied += opener->denied;
    }
    size_t count = (size_t)plan->file_count;
    qsort(times, count, sizeof *times, by_value);
    qsort(scans, count, sizeof *scans, by_value);
    double seconds = (double)(last - first) / 1e9;
    printf("{\"openers\":%ld,\"operations\":%zu,\"denied\":%lu,\"seconds\":%.6f,\"ops_per_second\":%.1f,"
           "\"p50_us\":%.3f,\"p99_us\":%.3f,\"max_us\":%.3f,\"scan_p50_us\":%.3f}\n",
           plan->openers, count, denied, seconds, (double)count / seconds, (double)times[count / 2] / 1e3,
           (double)times[(count - 1) * 99 / 100] / 1e3, (double)times[count - 1] / 1e3, (double)scans[count / 2] / 1e3);
}

static void parse(int argc, char **argv, struct plan *plan)
{
    static const struct option options[] = {
        {"socket", required_argument, NULL, 's'},
        {"openers", required_argument, NULL, 'o'},
        {0},
    };

    *plan = (struct plan){.openers = 1};
    for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;)
    {
        switch (option)
        {
        case 's':
            plan->socket = optarg;
            break;
        case 'o':
            plan->openers = atol(optarg);
            break;
        default:
            exit(2);
        }
    }
    plan->files = argv + optind;
    plan->file_count = argc - optind;
    if (plan->socket == NULL || plan->openers < 1 || plan->openers > MAX_OPENERS || plan->file_count < plan->openers)
    {
        fprintf(stderr, "usage: bench_clamd_client --socket PATH --openers 1..%d FILE...\n", MAX_OPENERS);
        exit(2);
    }
}

int main(int argc, char **argv)
{
    struct plan plan;
    parse(argc, argv, &plan);

    struct shared *shared = share(sizeof *shared);
    uint64_t *times = share((size_t)plan.file_count * sizeof *times);
    uint64_t *scans = share((size_t)plan.file_count * sizeof *scans);
    pthread_barrierattr_t across_processes;
    pthread_barrierattr_init(&across_processes);
    pthread_barrierattr_setpshared(&across_processes, PTHREAD_PROCESS_SHARED);
    pthread_barrier_init(&shared->all_here, &across_processes, (unsigned)plan.openers);
    for (long i = 0; i < plan.openers; i++)
    {
        start(&plan, shared, i, times, scans);
    }
    for (long i = 0; i < plan.openers; i++)
    {
        int status;
        if (wait(&status) < 0)
        {
            fail("wait");
        }
        if (status != 0)
        {
            // The others may wait at the barrier for one that will never come; they end with this process.
            fprintf(stderr, "bench_clamd_client: an opener failed\n");
            return EXIT_FAILURE;
        }
    }
    report(&plan, shared, times, scans);
    return EXIT_SUCCESS;
}
