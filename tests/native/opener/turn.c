/*
 * turn PROCESSES SECONDS LIST INFECTED GRACE SEED WRONG: opens files that turn from clean to infected and back.
 *
 * LIST has a line for each file: "c PATH" is clean and "i PATH" infected for good; "t PATH" turns in every way, and
 * "r PATH" by write(2) and truncate(2) only. INFECTED is a list of files with infected content. All are MOST_BYTES long
 * at most.
 *
 * Each turning file belongs to one process, the only one that writes it. A turn is complete, and said to be in shared
 * memory, before anybody relies on it, and whoever opens another's file looks before and after: only an open that fell
 * into one state of the file as a whole is judged. An infected open that is let through, and a clean one that is
 * denied, is noted in the file WRONG as "PID BEGIN END allow|deny PATH", with monotonic times in milliseconds.
 *
 * The result is the line of load.c. After SIGUSR1 nothing is judged any more, and all end within a second.
 */
#include "load.h"
#include <sys/mman.h>

#define MOST_BYTES 4096
#define MOST_CONTENTS 64

/* What a file holds: two bits of the word in shared memory, whose other bits count the changes. */
enum { CLEAN, INFECTED, CHANGING, STATE_BITS = 3, STEP = 4 };

struct file {
    char kind;
    char *path;
    /* In shared memory. */
    uint64_t *word;
};

static struct file *files;
static long file_count;
static struct content contents[MOST_CONTENTS];
static long content_count;
static volatile sig_atomic_t *is_ending;
static uint64_t seed;
static int wrong;

/* Of the process: what its random numbers come from, and how many contents it has made. */
static uint64_t state, made;

static uint64_t next_random(uint64_t below)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (state >> 11) % below;
}

static void be_ending(int signal)
{
    (void)signal;
    *is_ending = 1;
}

static void read_files(const char *path)
{
    struct content list = read_file(path);
    for (char *line = strtok(list.bytes, "\n"); line != NULL; line = strtok(NULL, "\n"), file_count++) {
        files = realloc(files, (file_count + 1) * sizeof *files);
        files[file_count] = (struct file){ .kind = line[0], .path = line + 2 };
    }
    uint64_t *words = share((file_count + 1) * sizeof *words);
    for (long i = 0; i < file_count; i++) {
        files[i].word = &words[i];
        /* What an earlier run has left of those that turn is not known. */
        words[i] = files[i].kind == 'i' ? INFECTED : files[i].kind == 'c' ? CLEAN : CHANGING;
    }
}

static void read_contents(const char *path)
{
    struct content list = read_file(path);
    for (char *line = strtok(list.bytes, "\n"); line != NULL && content_count < MOST_CONTENTS;
         line = strtok(NULL, "\n")) {
        contents[content_count++] = read_file(line);
    }
    if (file_count == 0 || content_count == 0) {
        errno = EINVAL;
        setup_failed("empty list");
    }
}

static uint64_t word_of(const struct file *file)
{
    return __atomic_load_n(file->word, __ATOMIC_SEQ_CST);
}

static void say(const struct file *file, int now)
{
    __atomic_store_n(file->word, ((word_of(file) & ~(uint64_t)STATE_BITS) + STEP) | now, __ATOMIC_SEQ_CST);
}

/* Counts an answer that is to be judged, and notes it if it is the wrong one. */
static void judge(struct account *account, const struct file *file, int is_infected, int fd, int error)
{
    char line[4096];
    errno = error;
    count_answer(account, is_infected, fd);
    if (is_infected ? fd >= 0 : fd < 0 && error == EPERM) {
        int length = snprintf(line, sizeof line, "%d %.3f %.3f %s %s\n", getpid(), account->began, now_ms(),
                              is_infected ? "allow" : "deny", file->path);
        if (write(wrong, line, length) != length) {
            account->other++;
        }
    }
}

/* Opens a file for reading and counts the answer, if the file was in one state all the time. */
static void look(struct account *account, const struct file *file)
{
    int fd;
    uint64_t before = word_of(file);
    open_timed(account, file->path, O_RDONLY, &fd);
    int error = errno;
    int is_infected = (before & STATE_BITS) == INFECTED;
    if (word_of(file) != before || (before & STATE_BITS) == CHANGING || *is_ending) {
        account->undecided++;
    } else {
        judge(account, file, is_infected, fd, error);
    }
    if (fd >= 0) {
        close(fd);
    }
}

/* Opens a clean file of one's own for writing; again if that is refused, as it may be while nobody can scan. */
static int open_own(struct account *account, const struct file *file, int flags)
{
    for (;;) {
        int fd;
        open_timed(account, file->path, flags, &fd);
        int error = errno;
        if (!*is_ending) {
            judge(account, file, 0, fd, error);
        }
        if (fd >= 0 || error != EPERM || *is_ending) {
            return fd;
        }
        usleep(2000);
    }
}

/* Writes the whole content at once, as those must who are watched for it. */
static void put(struct account *account, int fd, struct content content)
{
    if (pwrite(fd, content.bytes, content.length, 0) != (ssize_t)content.length) {
        account->other++;
    }
}

/* Makes a file clean, with content that nobody has seen before. */
static void make_clean(struct account *account, const struct file *file)
{
    char bytes[MOST_BYTES];
    say(file, CHANGING);
    if (truncate(file->path, 0) != 0) {
        account->other++;
    }
    int fd = open_own(account, file, O_RDWR);
    if (fd < 0) {
        return;
    }
    int length = snprintf(bytes, sizeof bytes, "clean %d %llu %llu ", getpid(), (unsigned long long)seed,
                          (unsigned long long)++made);
    memset(bytes + length, 'c', sizeof bytes - length);
    put(account, fd, (struct content){ bytes, sizeof bytes });
    close(fd);
    say(file, CLEAN);
}

/* A file that is infected, and what its process still has of it. */
struct hold {
    int fd;
    char *map;
};

static void infect_mapped(struct account *account, const struct file *file, struct content content, struct hold *hold)
{
    hold->fd = open_own(account, file, O_RDWR);
    if (hold->fd < 0) {
        return;
    }
    hold->map = mmap(NULL, MOST_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, hold->fd, 0);
    if (hold->map == MAP_FAILED) {
        account->other++;
        return;
    }
    if (next_random(2) == 0) {
        close(hold->fd);
        hold->fd = -1;
    }
    memcpy(hold->map, content.bytes, content.length);
}

static void infect_written(struct account *account, const struct file *file, struct content content, struct hold *hold)
{
    if (next_random(2) == 0 && truncate(file->path, 0) != 0) {
        account->other++;
    }
    hold->fd = open_own(account, file, next_random(2) == 0 ? O_WRONLY : O_RDWR);
    if (hold->fd < 0) {
        return;
    }
    put(account, hold->fd, content);
    if (next_random(2) == 0) {
        close(hold->fd);
        hold->fd = -1;
    }
}

/* Makes a clean file infected, says so, and looks whether it can still be opened. */
static void infect(struct account *account, const struct file *file)
{
    struct hold hold = { -1, MAP_FAILED };
    struct content content = contents[next_random(content_count)];
    say(file, CHANGING);
    if (file->kind == 't' && next_random(3) != 0) {
        infect_mapped(account, file, content, &hold);
    } else {
        infect_written(account, file, content, &hold);
    }
    /* Refused at the end of the run, or by an error that is counted: then it is what it was. */
    if (*is_ending || account->other != 0) {
        return;
    }
    say(file, INFECTED);
    for (long i = 1 + next_random(3); i > 0; i--) {
        look(account, file);
    }
    if (hold.map != MAP_FAILED) {
        munmap(hold.map, MOST_BYTES);
    }
    if (hold.fd >= 0) {
        close(hold.fd);
    }
}

/*
 * Turns a file. One that is clean has been so for a while, so that its verdict is kept; opened a few times before it
 * turns, it has marks and leases as well, and now and then for long enough that something may happen to them.
 */
static void turn(struct account *account, const struct file *file)
{
    if ((word_of(file) & STATE_BITS) != CLEAN) {
        make_clean(account, file);
        return;
    }
    for (long i = next_random(5); i > 0; i--) {
        look(account, file);
        usleep(next_random(2000));
    }
    if (next_random(4) == 0) {
        usleep(next_random(100000));
    }
    infect(account, file);
}

static void run_process(struct account *account, long number, const struct load *load)
{
    double end = now_ms() + load->seconds * 1e3;
    long own = number;
    state = (seed + 1) * 0x9e3779b97f4a7c15ULL + number * 0xbf58476d1ce4e5b9ULL + 1;
    while (now_ms() < end && !*is_ending) {
        look(account, &files[next_random(file_count)]);
        if (own >= file_count || next_random(4) != 0) {
            continue;
        }
        if (files[own].kind == 't' || files[own].kind == 'r') {
            turn(account, &files[own]);
        }
        /* One after the other, so that a file that was wanted for writing has time to be forgotten as such. */
        own = own + load->processes < file_count ? own + load->processes : number;
    }
}

int run_turn(char **argv)
{
    struct load load = {
        .processes = number(argv[1], 1, 1000), .seconds = number(argv[2], 1, 280), .grace = number(argv[5], 1, 600),
        .run = run_process };
    read_files(argv[3]);
    read_contents(argv[4]);
    seed = number(argv[6], 0, 1L << 40);
    wrong = open(argv[7], O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
    if (wrong < 0) {
        setup_failed(argv[7]);
    }
    is_ending = share(sizeof *is_ending);
    load.is_ending = is_ending;
    signal(SIGUSR1, be_ending);
    return run_load(&load);
}
