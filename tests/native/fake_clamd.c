/*
 * A server that speaks clamd's protocol well enough to be taken for one, and then misbehaves.
 *
 *   fake_clamd SOCKET BEHAVIOUR [DELAY_MS [THREADS [SLOW_UID [--config-file=FILE]]]]
 *
 * PING, VERSION and STATS are always answered as they should be: only the answers about content are bad. Content is
 * infected if the EICAR test file's name is anywhere in it. THREADS scans (default 4) are made at a time, as by a clamd
 * of that MaxThreads. It reads no FILE: that is for whoever reads its command line, where it is installed as "clamd".
 * Prints "ready", and then "scan INODE" as each scan begins.
 *
 *   right       the truth, after DELAY_MS
 *   slow-first  the same, but only the first scan of each inode takes that long
 *   slow-uid    the same, but only scans of files that SLOW_UID owns take that long
 *   garbage     bytes that are no reply
 *   half        the beginning of a reply, and nothing more
 *   wrong-id    the opposite of the truth, for a scan that was never asked for
 *   twice       the truth, and then the opposite under the same number
 *   never       nothing
 *   closing     the truth, and then the connection is closed
 *   dropping    the connection is closed
 *   empty       a reply that says nothing
 *   endless     a reply that never ends
 *   error       that the scan failed
 */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define LONGEST_COMMAND 64
#define DESCRIPTORS 1024
#define LIFETIME_SECONDS 300

enum behaviour
{
    RIGHT,
    SLOW_FIRST,
    SLOW_UID,
    GARBAGE,
    HALF,
    WRONG_ID,
    TWICE,
    NEVER,
    CLOSING,
    DROPPING,
    EMPTY,
    ENDLESS,
    FAILING,
    BEHAVIOURS
};

static const char *const names[BEHAVIOURS] = {
    "right", "slow-first", "slow-uid", "garbage", "half",  "wrong-id", "twice",
    "never", "closing",    "dropping", "empty",   "endless", "error",
};

struct connection
{
    int fd;
    int session;
    int references;
    unsigned last_id;
    char delimiter;
    pthread_mutex_t lock;
};

struct job
{
    struct job *next;
    struct connection *connection;
    unsigned id;
    int fd;
};

static enum behaviour behaviour;
static long delay_ms;
static long threads = 4;
static uid_t slow_uid;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t more = PTHREAD_COND_INITIALIZER;
static struct job *first, **last = &first;

static _Noreturn void fail(const char *what)
{
    fprintf(stderr, "fake_clamd: %s: %s\n", what, strerror(errno));
    exit(EXIT_FAILURE);
}

static void release(struct connection *connection)
{
    pthread_mutex_lock(&connection->lock);
    int left = --connection->references;
    pthread_mutex_unlock(&connection->lock);
    if (left == 0)
    {
        close(connection->fd);
        free(connection);
    }
}

static void say(struct connection *connection, const char *bytes, size_t length)
{
    pthread_mutex_lock(&connection->lock);
    while (length > 0)
    {
        ssize_t sent = send(connection->fd, bytes, length, MSG_NOSIGNAL);
        if (sent <= 0)
        {
            break;
        }
        bytes += sent;
        length -= (size_t)sent;
    }
    pthread_mutex_unlock(&connection->lock);
}

static void reply(struct connection *connection, unsigned id, const char *text)
{
    char line[512];
    int length = connection->session ? snprintf(line, sizeof line, "%u: %s", id, text)
                                     : snprintf(line, sizeof line, "%s", text);
    line[length] = connection->delimiter;
    say(connection, line, (size_t)length + 1);
    if (!connection->session)
    {
        shutdown(connection->fd, SHUT_RDWR);
    }
}

static int is_infected(int fd)
{
    static const char mark[] = "EICAR-STANDARD-" "ANTIVIRUS-TEST-FILE";
    char buffer[65536];
    off_t offset = 0;
    ssize_t got;
    while ((got = pread(fd, buffer, sizeof buffer, offset)) > 0)
    {
        if (memmem(buffer, (size_t)got, mark, sizeof mark - 1) != NULL)
        {
            return 1;
        }
        if (got < (ssize_t)sizeof buffer)
        {
            return 0;
        }
        // The next read sees the end of this one again, should the mark lie across.
        offset += got - (ssize_t)sizeof mark;
    }
    return 0;
}

// Whether this is the first scan of an inode, or of an inode number used again.
static int is_first(ino_t inode)
{
    static ino_t *seen;
    static size_t count;
    pthread_mutex_lock(&lock);
    size_t at = 0;
    while (at < count && seen[at] != inode)
    {
        at++;
    }
    int is_new = at == count;
    if (is_new)
    {
        seen = realloc(seen, (count + 1) * sizeof *seen);
        seen[count++] = inode;
    }
    pthread_mutex_unlock(&lock);
    return is_new;
}

static void take_time(const struct stat *file)
{
    if ((behaviour == SLOW_FIRST && !is_first(file->st_ino)) || (behaviour == SLOW_UID && file->st_uid != slow_uid))
    {
        return;
    }
    struct timespec time = {delay_ms / 1000, delay_ms % 1000 * 1000000};
    nanosleep(&time, NULL);
}

static void misbehave(const struct job *job, const char *truth, const char *lie)
{
    static char endless[1 << 20];
    char half[32];
    struct connection *connection = job->connection;
    switch (behaviour)
    {
    case GARBAGE:
        say(connection, "\xff\xfe OK\0: : 7\0\n\n\0\1\2\3OK\0", 24);
        break;
    case HALF:
        say(connection, half, (size_t)snprintf(half, sizeof half, "%u: fd[1", job->id));
        break;
    case WRONG_ID:
        reply(connection, job->id + 1000, lie);
        break;
    case TWICE:
        reply(connection, job->id, truth);
        reply(connection, job->id, lie);
        break;
    case CLOSING:
        reply(connection, job->id, truth);
        shutdown(connection->fd, SHUT_RDWR);
        break;
    case DROPPING:
        shutdown(connection->fd, SHUT_RDWR);
        break;
    case EMPTY:
        reply(connection, job->id, "");
        break;
    case ENDLESS:
        memset(endless, 'O', sizeof endless);
        say(connection, endless, sizeof endless);
        break;
    case FAILING:
        reply(connection, job->id, "fd[10]: Can't allocate memory ERROR");
        break;
    case NEVER:
        break;
    default:
        reply(connection, job->id, truth);
        break;
    }
}

static void scan(const struct job *job)
{
    static const char clean[] = "fd[10]: OK", infected[] = "fd[10]: Fake.Eicar FOUND";
    struct stat file;
    if (fstat(job->fd, &file) != 0)
    {
        fail("fstat");
    }
    printf("scan %lu\n", (unsigned long)file.st_ino);
    fflush(stdout);
    take_time(&file);
    int bad = is_infected(job->fd);
    close(job->fd);
    misbehave(job, bad ? infected : clean, bad ? clean : infected);
}

static void *work(void *unused)
{
    for (;;)
    {
        pthread_mutex_lock(&lock);
        while (first == NULL)
        {
            pthread_cond_wait(&more, &lock);
        }
        struct job *job = first;
        first = job->next;
        if (first == NULL)
        {
            last = &first;
        }
        pthread_mutex_unlock(&lock);
        scan(job);
        release(job->connection);
        free(job);
    }
    return unused;
}

static void queue_scan(struct connection *connection, unsigned id, int fd)
{
    struct job *job = malloc(sizeof *job);
    *job = (struct job){.connection = connection, .id = id, .fd = fd};
    pthread_mutex_lock(&connection->lock);
    connection->references++;
    pthread_mutex_unlock(&connection->lock);
    pthread_mutex_lock(&lock);
    *last = job;
    last = &job->next;
    pthread_cond_signal(&more);
    pthread_mutex_unlock(&lock);
}

// What has come and is not yet understood.
struct input
{
    char bytes[65536];
    size_t length;
    int descriptors[DESCRIPTORS];
    size_t descriptor_count;
};

static int receive(int fd, struct input *input)
{
    char control[CMSG_SPACE(sizeof(int) * 16)];
    struct iovec room = {input->bytes + input->length, sizeof input->bytes - input->length};
    struct msghdr message = {
        .msg_iov = &room, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
    ssize_t got = recvmsg(fd, &message, MSG_CMSG_CLOEXEC);
    if (got <= 0)
    {
        return 0;
    }
    input->length += (size_t)got;
    for (struct cmsghdr *part = CMSG_FIRSTHDR(&message); part != NULL; part = CMSG_NXTHDR(&message, part))
    {
        if (part->cmsg_type != SCM_RIGHTS)
        {
            continue;
        }
        size_t count = (part->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        if (input->descriptor_count + count > DESCRIPTORS)
        {
            return 0;
        }
        memcpy(input->descriptors + input->descriptor_count, CMSG_DATA(part), count * sizeof(int));
        input->descriptor_count += count;
    }
    return 1;
}

static void answer_statistics(struct connection *connection, unsigned id)
{
    char text[256];
    snprintf(text, sizeof text,
             "POOLS: 1\n\nSTATE: VALID PRIMARY\nTHREADS: live 1  idle 0 max %ld idle-timeout 30\nQUEUE: 0 items\n"
             "\nMEMSTATS: heap N/A mmap N/A used N/A free N/A releasable N/A pools 1 pools_used 1.0M pools_total 1.0M\n"
             "END",
             threads);
    reply(connection, id, text);
}

// Understands one command. Returns the bytes it took, 0 if more must come first, or -1 to end the connection.
static ssize_t take_command(struct connection *connection, struct input *input)
{
    if (input->length == 0)
    {
        return 0;
    }
    char end = input->bytes[0] == 'z' ? '\0' : '\n';
    char *stop = memchr(input->bytes, end, input->length);
    if (stop == NULL)
    {
        return input->length > LONGEST_COMMAND ? -1 : 0;
    }
    size_t length = (size_t)(stop - input->bytes);
    char command[LONGEST_COMMAND + 1] = "";
    if (length > LONGEST_COMMAND)
    {
        return -1;
    }
    memcpy(command, input->bytes, length);
    const char *name = command[0] == 'z' || command[0] == 'n' ? command + 1 : command;
    connection->delimiter = end;

    if (strcmp(name, "FILDES") == 0)
    {
        // One more byte, which carries the descriptor.
        if (input->length < length + 2 || input->descriptor_count == 0)
        {
            return 0;
        }
        queue_scan(connection, ++connection->last_id, input->descriptors[0]);
        input->descriptor_count--;
        memmove(input->descriptors, input->descriptors + 1, input->descriptor_count * sizeof(int));
        return (ssize_t)length + 2;
    }
    if (strcmp(name, "IDSESSION") == 0)
    {
        connection->session = 1;
        return (ssize_t)length + 1;
    }
    if (strcmp(name, "END") == 0)
    {
        return -1;
    }

    unsigned id = ++connection->last_id;
    if (strcmp(name, "PING") == 0)
    {
        reply(connection, id, "PONG");
    }
    else if (strcmp(name, "VERSION") == 0)
    {
        reply(connection, id, "ClamAV 1.4.6");
    }
    else if (strcmp(name, "STATS") == 0)
    {
        answer_statistics(connection, id);
    }
    else
    {
        reply(connection, id, "UNKNOWN COMMAND");
    }
    return (ssize_t)length + 1;
}

static void *serve(void *argument)
{
    struct connection *connection = argument;
    struct input *input = calloc(1, sizeof *input);
    ssize_t taken = 0;
    while (taken >= 0 && receive(connection->fd, input))
    {
        while ((taken = take_command(connection, input)) > 0)
        {
            input->length -= (size_t)taken;
            memmove(input->bytes, input->bytes + taken, input->length);
        }
    }
    for (size_t i = 0; i < input->descriptor_count; i++)
    {
        close(input->descriptors[i]);
    }
    free(input);
    shutdown(connection->fd, SHUT_RDWR);
    release(connection);
    return NULL;
}

static void start(void *(*routine)(void *), void *argument)
{
    pthread_t thread;
    if (pthread_create(&thread, NULL, routine, argument) != 0)
    {
        fail("pthread_create");
    }
    pthread_detach(thread);
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

static enum behaviour behaviour_named(const char *name)
{
    for (int i = 0; i < BEHAVIOURS; i++)
    {
        if (strcmp(names[i], name) == 0)
        {
            return (enum behaviour)i;
        }
    }
    errno = EINVAL;
    fail(name);
}

int main(int argc, char **argv)
{
    if (argc < 3 || argc > 7)
    {
        fprintf(stderr, "usage: fake_clamd SOCKET BEHAVIOUR [DELAY_MS [THREADS [SLOW_UID [--config-file=FILE]]]]\n");
        return 2;
    }
    behaviour = behaviour_named(argv[2]);
    delay_ms = argc > 3 ? atol(argv[3]) : 0;
    threads = argc > 4 ? atol(argv[4]) : threads;
    slow_uid = argc > 5 ? (uid_t)atol(argv[5]) : 0;
    int listener = listen_on(argv[1]);
    // Whoever started it may be gone by then.
    alarm(LIFETIME_SECONDS);
    for (long i = 0; i < threads; i++)
    {
        start(work, NULL);
    }
    puts("ready");
    fflush(stdout);

    for (;;)
    {
        int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
        if (fd < 0)
        {
            fail("accept");
        }
        struct connection *connection = calloc(1, sizeof *connection);
        *connection = (struct connection){.fd = fd, .references = 1, .lock = PTHREAD_MUTEX_INITIALIZER};
        start(serve, connection);
    }
}
