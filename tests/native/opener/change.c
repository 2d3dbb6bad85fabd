#include "change.h"
#include <signal.h>
#include <sys/stat.h>

struct way {
    const char *name;
    change_step *prepare;
    change_step *act;
    /* What time undoes and has to be prepared again shortly before the scan that is to be deceived. */
    change_step *again;
};

static const struct way ways[] = {
    { "write", open_writer, act_write, NULL },
    { "append", open_writer, act_append, NULL },
    { "direct", open_direct, act_direct, NULL },
    { "aio", open_direct, act_aio, NULL },
    { "truncate", NULL, act_truncate, NULL },
    { "o-trunc", NULL, act_o_trunc, NULL },
    { "punch", open_writer, act_punch, NULL },
    { "link", link_and_open, act_write, NULL },
    { "proc-fd", open_through_proc, act_write, NULL },
    { "copy-range", make_source, act_copy_range, NULL },
    { "reflink", make_source, act_reflink, NULL },
    { "swap-extents", make_source, act_swap_extents, NULL },
    { "splice", open_writer, act_splice, NULL },
    { "sendfile", open_writer, act_sendfile, NULL },
    { "io-uring", open_writer, act_io_uring, NULL },
    { "mmap", map_open, act_store, NULL },
    { "mmap-msync", map_open, act_store_and_sync, NULL },
    { "mmap-closed", map_closed, act_store, NULL },
    { "mmap-closed-msync", map_closed, act_store_and_sync, NULL },
    { "mmap-dirty", map_closed, act_store, make_dirty },
    { "pinned", pin_pages, act_pinned, NULL },
    { "rename", make_other, act_rename, NULL },
    { "exchange", make_other, act_exchange, NULL },
    { "reuse-inode", NULL, act_reuse_inode, NULL },
    { "image", find_in_image, act_image, NULL },
};

static const struct way *find_way(const char *name)
{
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        if (strcmp(ways[i].name, name) == 0) {
            return &ways[i];
        }
    }
    errno = EINVAL;
    setup_failed(name);
}

/* SIGCONT is the shot that starts the next step: a process that does not wait for it is not ended by it. */
static void announce_and_wait(const char *line)
{
    sigset_t next;
    int got;
    sigemptyset(&next);
    sigaddset(&next, SIGCONT);
    sigprocmask(SIG_BLOCK, &next, NULL);
    puts(line);
    fflush(stdout);
    sigwait(&next, &got);
}

static int run(char **argv, int held)
{
    const struct way *way = find_way(argv[1]);
    struct change change = { .file = argv[2], .content = read_file(argv[3]), .fd = -1, .image = argv[5] };
    struct stat before;
    if (asprintf(&change.beside, "%s.beside", argv[2]) < 0 || stat(change.file, &before) != 0) {
        setup_failed("stat");
    }

    if (way->prepare != NULL) {
        way->prepare(&change);
    }
    if (held) {
        announce_and_wait("ready");
        if (way->again != NULL) {
            way->again(&change);
            announce_and_wait("again");
        }
        /* Preparing may have changed them, and the scan that is to be deceived has seen them after that. */
        if (stat(change.file, &before) != 0) {
            setup_failed("stat");
        }
    }

    way->act(&change);
    struct timespec times[] = { before.st_atim, before.st_mtim };
    if (strcmp(argv[4], "keep") == 0 && utimensat(AT_FDCWD, change.file, times, 0) != 0) {
        setup_failed("utimensat");
    }
    if (held) {
        announce_and_wait("changed");
    }
    return report_ok(change.content.length, checksum_add(CHECKSUM_START, change.content.bytes, change.content.length));
}

/*
 * change WAY FILE CONTENT keep|new IMAGE: FILE gets what the file CONTENT holds, and keeps its mtime or not. Its file
 * system lies in IMAGE.
 */
int run_change(char **argv)
{
    return run(argv, 0);
}

/*
 * change-held WAY FILE CONTENT keep|new IMAGE: says "ready" when everything is prepared, with some ways "again" when
 * that was renewed, "changed" after the change, and keeps what it has open and mapped. SIGCONT lets it go on.
 */
int run_change_held(char **argv)
{
    return run(argv, 1);
}
