/*
 * pass_unasked PID FIRST PATH...: has opens of files pass unasked in every group that the journal of a running worker
 * shows, as the worker does with what it knows to be clean, and says how many groups there are. FIRST is the first of
 * the shared descriptors, as the worker's command line names it.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/fanotify.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef FAN_MARK_EVICTABLE
#define FAN_MARK_EVICTABLE 0x200
#endif
#ifndef FAN_MARK_IGNORE
#define FAN_MARK_IGNORE 0x400
#endif

#define MAGIC 0x4C4E524A4E414353
#define HEADER_BYTES 4096
#define GROUPS 128
#define GROUPS_AT 8

struct group_entry {
    int is_open, generation;
    uint64_t key;
    int has_marks, rest[11];
};

_Static_assert(sizeof(struct group_entry) == 64, "as in Scanner.Journal");

static int take(int process, int number)
{
    return (int)syscall(SYS_pidfd_getfd, process, number, 0);
}

int main(int argc, char **argv)
{
    int process = argc < 3 ? -1 : (int)syscall(SYS_pidfd_open, atoi(argv[1]), 0);
    int first = argc < 3 ? 0 : atoi(argv[2]);
    int journal = take(process, first);
    char *start = mmap(NULL, HEADER_BYTES + GROUPS * sizeof(struct group_entry), PROT_READ | PROT_WRITE, MAP_SHARED,
                       journal, 0);
    if (process < 0 || journal < 0 || start == MAP_FAILED || *(uint64_t *)start != MAGIC) {
        perror("pass_unasked PID FIRST PATH...");
        return 2;
    }

    struct group_entry *entries = (struct group_entry *)(start + HEADER_BYTES);
    int open = 0, marked = 0;
    for (int i = 0; i < GROUPS; i++) {
        if (!__atomic_load_n(&entries[i].is_open, __ATOMIC_ACQUIRE)) {
            continue;
        }
        open++;
        int group = take(process, first + GROUPS_AT + i);
        for (int file = 3; group >= 0 && file < argc; file++) {
            __atomic_store_n(&entries[i].has_marks, 1, __ATOMIC_SEQ_CST);
            marked += fanotify_mark(group, FAN_MARK_ADD | FAN_MARK_EVICTABLE, FAN_CLOSE_WRITE, AT_FDCWD, argv[file]) == 0
                && fanotify_mark(group, FAN_MARK_ADD | FAN_MARK_EVICTABLE | FAN_MARK_IGNORE,
                                 FAN_OPEN_PERM | FAN_OPEN_EXEC_PERM, AT_FDCWD, argv[file]) == 0;
        }
    }
    printf("open=%d marked=%d\n", open, marked);
    return 0;
}
