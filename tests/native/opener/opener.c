#include "opener.h"

struct command {
    const char *name;
    int arguments;
    command_run *run;
    wrapper_run *wrap;
};

static const struct command commands[] = {
    { "open", 1, run_open, NULL },
    { "rdwr", 1, run_rdwr, NULL },
    { "direct", 1, run_direct, NULL },
    { "mmap", 1, run_mmap, NULL },
    { "sendfile", 1, run_sendfile, NULL },
    { "splice", 1, run_splice, NULL },
    { "copy-file-range", 2, run_copy_file_range, NULL },
    { "head", 1, run_head, NULL },
    { "io-uring", 1, run_io_uring, NULL },
    { "exec", 1, run_exec, NULL },
    { "sh", 1, run_sh, NULL },
    { "dlopen", 1, run_dlopen, NULL },
    { "rename", 2, run_rename, NULL },
    { "flip", 3, run_flip, NULL },
    { "link", 2, run_link, NULL },
    { "symlink", 2, run_symlink, NULL },
    { "handle", 1, run_handle, NULL },
    { "opath", 1, run_opath, NULL },
    { "proc-fd", 3, run_proc_fd, NULL },
    { "tmpfile", 3, run_tmpfile, NULL },
    { "deep-put", 4, run_deep_put, NULL },
    { "deep-open", 3, run_deep_open, NULL },
    { "put", 2, run_put, NULL },
    { "create", 1, run_create, NULL },
    { "truncate", 1, run_truncate, NULL },
    { "shorten", 2, run_shorten, NULL },
    { "grow", 2, run_grow, NULL },
    { "sparse", 2, run_sparse, NULL },
    { "fill", 4, run_fill, NULL },
    { "fill-list", 2, run_fill_list, NULL },
    { "fifo", 1, run_fifo, NULL },
    { "socket", 1, run_socket, NULL },
    { "device", 1, run_device, NULL },
    { "directory", 1, run_directory, NULL },
    { "flood", 3, run_flood, NULL },
    { "loop", 4, run_loop, NULL },
    { "sweep", 3, run_sweep, NULL },
    { "turn", 7, run_turn, NULL },
    { "hold-lease", 2, run_hold_lease, NULL },
    { "use-leases", 2, run_use_leases, NULL },
    { "fill-signals", 1, run_fill_signals, NULL },
    { "together", 3, run_together, NULL },
    { "stall-write", 2, run_stall_write, NULL },
    { "exec-holding", 1, run_exec_holding, NULL },
    { "call", 3, run_call, NULL },
    { "lie-way-out", 3, run_lie_way_out, NULL },
    { "lie-worker", 3, run_lie_worker, NULL },
    { "lie-poller", 3, run_lie_poller, NULL },
    { "lie-how", 2, run_lie_how, NULL },
    { "lie-truncate", 2, run_lie_truncate, NULL },
    { "lie-copy-up", 2, run_lie_copy_up, NULL },
    { "grab", 2, run_grab, NULL },
    { "race", 4, run_race, NULL },
    { "change", 5, run_change, NULL },
    { "change-held", 5, run_change_held, NULL },
    { "as", 1, NULL, run_as },
    { "unshare-m", 0, NULL, run_unshare_m },
    { "unshare-rm", 0, NULL, run_unshare_rm },
    { "bind", 2, NULL, run_bind },
    { "bind-idmapped", 4, NULL, run_bind_idmapped },
    { "tmpfs-over", 1, NULL, run_tmpfs_over },
    { "overlay", 2, NULL, run_overlay },
    { "open-tree", 1, NULL, run_open_tree },
    { "many", 1, NULL, run_many },
    { "exec-beside", 2, NULL, run_exec_beside },
    { "two-threads", 0, NULL, run_two_threads },
    { "dead-leader", 0, NULL, run_dead_leader },
    { "vfork", 0, NULL, run_vfork },
};

static int digit(char character)
{
    return character >= 'a' ? character - 'a' + 10 : character - '0';
}

/* "hex:6162" stands for "ab": names that are no valid UTF-8 cannot be passed by every caller. */
static char *decode(char *argument)
{
    if (strncmp(argument, "hex:", 4) != 0) {
        return argument;
    }
    char *out = argument;
    for (const char *in = argument + 4; in[0] != 0 && in[1] != 0; in += 2) {
        *out++ = digit(in[0]) * 16 + digit(in[1]);
    }
    *out = 0;
    return argument;
}

int dispatch(int argc, char **argv)
{
    for (size_t i = 0; argc > 0 && i < sizeof commands / sizeof *commands; i++) {
        const struct command *command = &commands[i];
        if (strcmp(argv[0], command->name) != 0) {
            continue;
        }
        if (command->wrap != NULL && argc > command->arguments + 1) {
            return command->wrap(argc, argv);
        }
        if (command->run != NULL && argc == command->arguments + 1) {
            return command->run(argv);
        }
    }
    errno = EINVAL;
    setup_failed(argc > 0 ? argv[0] : "no command");
}

/* Seconds. Who waits for a reply is ended by no signal that it handles, but by this one, also if the test is gone. */
#define LIFETIME 300

int main(int argc, char **argv)
{
    alarm(LIFETIME);
    for (int i = 1; i < argc; i++) {
        argv[i] = decode(argv[i]);
    }
    int result = dispatch(argc - 1, argv + 1);
    fflush(stdout);
    return result;
}
