// A scanner with the cache that everybody writes first: a clean verdict is kept for a file's inode number, size and
// modification time, and believed for ever. The tests of changed files must show it wrong, or they show nothing.
//
//   naive_responder DIRECTORY LIST [marks]
//
// With "marks" the kernel is told to ignore what was clean, without a lease, whoever can write it, and nothing more is
// done about it. DIRECTORY as for bench_responder. Infected is what has the content of a file that LIST names, one path a line.
// Prints "ready" once opens are asked.

#define _GNU_SOURCE
#include "naive.h"
#include "own_file_system.h"
#include <sys/fanotify.h>

struct verdict
{
    ino_t inode;
    off_t size;
    struct timespec modified;
};

static struct verdict clean[MOST_FILES];
static size_t clean_count;
static int group;
static int sets_marks;

static int is_known(const struct stat *file)
{
    for (size_t i = 0; i < clean_count; i++)
    {
        if (clean[i].inode == file->st_ino && clean[i].size == file->st_size
            && memcmp(&clean[i].modified, &file->st_mtim, sizeof file->st_mtim) == 0)
        {
            return 1;
        }
    }
    return 0;
}

static unsigned decide(int fd)
{
    struct stat file;
    if (fstat(fd, &file) != 0 || !S_ISREG(file.st_mode) || is_known(&file))
    {
        return FAN_ALLOW;
    }
    if (is_infected(fd))
    {
        return FAN_DENY;
    }
    if (sets_marks)
    {
        // The mark's own mask keeps it attached while the kernel clears what is ignored.
        if (fanotify_mark(group, FAN_MARK_ADD | FAN_MARK_EVICTABLE, FAN_CLOSE_WRITE, fd, NULL) != 0
            || fanotify_mark(group, FAN_MARK_ADD | FAN_MARK_EVICTABLE | FAN_MARK_IGNORE, FAN_OPEN_PERM, fd, NULL) != 0)
        {
            fail("fanotify_mark");
        }
    }
    else if (clean_count < MOST_FILES)
    {
        clean[clean_count++] = (struct verdict){file.st_ino, file.st_size, file.st_mtim};
    }
    return FAN_ALLOW;
}

int main(int argc, char **argv)
{
    if (argc != 3 && (argc != 4 || strcmp(argv[3], "marks") != 0))
    {
        fprintf(stderr, "usage: naive_responder DIRECTORY LIST [marks]\n");
        return 2;
    }
    sets_marks = argc == 4;
    read_list(argv[2]);
    int directory = open_own_file_system(argv[1]);
    group = fanotify_init(FAN_CLASS_CONTENT | FAN_CLOEXEC | FAN_UNLIMITED_QUEUE, O_RDONLY | O_LARGEFILE | O_CLOEXEC);
    if (group < 0)
    {
        fail("fanotify_init");
    }
    if (fanotify_mark(group, FAN_MARK_ADD | FAN_MARK_FILESYSTEM, FAN_OPEN_PERM, directory, NULL) != 0)
    {
        fail("fanotify_mark");
    }
    close(directory);
    puts("ready");
    fflush(stdout);

    struct fanotify_event_metadata event;
    while (read(group, &event, sizeof event) == sizeof event)
    {
        if (!(event.mask & FAN_OPEN_PERM))
        {
            close(event.fd);
            continue;
        }
        struct fanotify_response response = {.fd = event.fd, .response = decide(event.fd)};
        // ENOENT: the opener was killed while it waited.
        if (write(group, &response, sizeof response) != sizeof response && errno != ENOENT)
        {
            fail("write");
        }
        close(event.fd);
    }
    fail("read");
}
