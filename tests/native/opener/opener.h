/*
 * opener: one way to a file per command, so that a test can say which way is open and which is shut.
 *
 * Every opener of a watched file in the tests is a process of this program, which can be killed; the test host itself
 * never opens one, because a scanner that forgets to answer would hang it for ever.
 *
 * Each command prints one line and exits:
 *   ok LENGTH CHECKSUM   0     what was read (FNV-1a, 64 bits, over the content)
 *   errno N NAME         N     the access itself was refused or failed
 *   setup N NAME WHAT    250   a preparation failed: never to be taken for a denial
 */
#ifndef OPENER_H
#define OPENER_H

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#define EXIT_SETUP 250

struct content {
    char *bytes;
    size_t length;
};

/* report.c */
#define CHECKSUM_START 0xcbf29ce484222325ULL
uint64_t checksum_add(uint64_t sum, const void *bytes, size_t length);
int report_ok(uint64_t length, uint64_t checksum);
int report_errno(int error);
int report_text(const char *text);
int report_open(int fd);
_Noreturn void setup_failed(const char *what);

/* process.c */
pid_t fork_child(void);
struct content read_all(int fd);
struct content read_file(const char *path);
void write_all(int fd, const void *bytes, size_t length, const char *what);
long number(const char *text, long least, long most);
double now_ms(void);

/* opener.c: runs the command named by argv[0]. */
int dispatch(int argc, char **argv);

typedef int command_run(char **argv);

command_run run_open, run_rdwr, run_direct, run_mmap, run_sendfile, run_splice, run_copy_file_range, run_head;
command_run run_io_uring;
command_run run_exec, run_sh, run_dlopen;
command_run run_rename, run_flip, run_link, run_symlink, run_handle, run_opath, run_proc_fd, run_tmpfile;
command_run run_deep_put, run_deep_open;
command_run run_put, run_create, run_truncate, run_shorten, run_grow, run_sparse, run_fill, run_fill_list;
command_run run_fifo, run_socket, run_device, run_directory;
command_run run_flood, run_loop, run_sweep, run_turn, run_together, run_stall_write;
command_run run_hold_lease, run_use_leases, run_fill_signals;
command_run run_change, run_change_held, run_grab, run_race;
command_run run_call, run_exec_holding;
command_run run_lie_way_out, run_lie_worker, run_lie_poller, run_lie_how, run_lie_truncate, run_lie_copy_up;

/* These prepare something and go on with the command that follows. */
typedef int wrapper_run(int argc, char **argv);
wrapper_run run_as, run_unshare_m, run_unshare_rm, run_bind, run_bind_idmapped, run_tmpfs_over, run_overlay, run_open_tree;
wrapper_run run_many, run_exec_beside, run_two_threads, run_dead_leader, run_vfork;

#endif
