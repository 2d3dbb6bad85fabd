/* Preparations that go before another command: "as 65534 unshare-rm bind A B open B/file". */
#include "opener.h"
#include <grp.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#ifndef OPEN_TREE_CLONE
#define OPEN_TREE_CLONE 1
#endif

static int unshared;

/* Mounts made in the host's namespace would outlive a killed opener. */
static void need_own_namespace(void)
{
    if (!unshared) {
        errno = EINVAL;
        setup_failed("needs unshare-m or unshare-rm before it");
    }
}

/* as UID COMMAND... */
int run_as(int argc, char **argv)
{
    uid_t user = number(argv[1], 1, 65535);
    if (setgroups(0, NULL) != 0 || setresgid(user, user, user) != 0 || setresuid(user, user, user) != 0) {
        setup_failed("setresuid");
    }
    /* Else /proc/self belongs to root and the uid map below cannot be written. */
    prctl(PR_SET_DUMPABLE, 1);
    return dispatch(argc - 2, argv + 2);
}

static void new_mount_namespace(int flags)
{
    if (unshare(CLONE_NEWNS | flags) != 0) {
        setup_failed("unshare");
    }
    unshared = 1;
}

static void make_private(void)
{
    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0) {
        setup_failed("mount private");
    }
}

int run_unshare_m(int argc, char **argv)
{
    new_mount_namespace(0);
    make_private();
    return dispatch(argc - 1, argv + 1);
}

static void write_map(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0) {
        setup_failed(path);
    }
    write_all(fd, text, strlen(text), path);
    close(fd);
}

/* What any user may do without privilege: become root of a user namespace, with mounts of one's own. */
int run_unshare_rm(int argc, char **argv)
{
    char users[32], groups[32];
    snprintf(users, sizeof users, "0 %u 1\n", geteuid());
    snprintf(groups, sizeof groups, "0 %u 1\n", getegid());
    new_mount_namespace(CLONE_NEWUSER);
    write_map("/proc/self/setgroups", "deny");
    write_map("/proc/self/uid_map", users);
    write_map("/proc/self/gid_map", groups);
    make_private();
    return dispatch(argc - 1, argv + 1);
}

/* bind FROM TO COMMAND... */
int run_bind(int argc, char **argv)
{
    need_own_namespace();
    if (mount(argv[1], argv[2], NULL, MS_BIND | MS_REC, NULL) != 0) {
        setup_failed("mount bind");
    }
    return dispatch(argc - 3, argv + 3);
}

/* A user namespace that knows one user and one group, by way of a child that makes it and waits. */
static int users_of(const char *inside, const char *outside)
{
    char path[64], map[64];
    int made[2], ended[2];
    char byte;
    if (pipe2(made, O_CLOEXEC) != 0 || pipe2(ended, O_CLOEXEC) != 0) {
        setup_failed("pipe2");
    }
    pid_t child = fork_child();
    if (child == 0) {
        if (unshare(CLONE_NEWUSER) != 0) {
            _exit(EXIT_SETUP);
        }
        close(made[1]);
        close(ended[1]);
        _exit(read(ended[0], &byte, 1));
    }
    close(made[1]);
    if (read(made[0], &byte, 1) != 0) {
        setup_failed("unshare");
    }
    snprintf(map, sizeof map, "%s %s 1\n", inside, outside);
    snprintf(path, sizeof path, "/proc/%d/uid_map", child);
    write_map(path, map);
    snprintf(path, sizeof path, "/proc/%d/gid_map", child);
    write_map(path, map);
    snprintf(path, sizeof path, "/proc/%d/ns/user", child);
    int users = open(path, O_RDONLY | O_CLOEXEC);
    if (users < 0) {
        setup_failed(path);
    }
    close(ended[1]);
    return users;
}

/* bind-idmapped FROM TO OWNER SHOWN COMMAND...: through TO, files of OWNER are those of SHOWN. It stays mounted. */
int run_bind_idmapped(int argc, char **argv)
{
    int tree = syscall(SYS_open_tree, AT_FDCWD, argv[1], OPEN_TREE_CLONE | O_CLOEXEC);
    struct mount_attr map = { .attr_set = MOUNT_ATTR_IDMAP, .userns_fd = users_of(argv[3], argv[4]) };
    if (tree < 0 || syscall(SYS_mount_setattr, tree, "", AT_EMPTY_PATH, &map, sizeof map) != 0
        || syscall(SYS_move_mount, tree, "", AT_FDCWD, argv[2], MOVE_MOUNT_F_EMPTY_PATH) != 0) {
        setup_failed("mount_setattr");
    }
    return dispatch(argc - 5, argv + 5);
}

/* tmpfs-over DIR COMMAND... */
int run_tmpfs_over(int argc, char **argv)
{
    need_own_namespace();
    if (mount("tmpfs", argv[1], "tmpfs", 0, "mode=755") != 0) {
        setup_failed("mount tmpfs");
    }
    return dispatch(argc - 2, argv + 2);
}

/* overlay LOWER PLACE COMMAND...: upper, work and merged directories are made in PLACE. */
int run_overlay(int argc, char **argv)
{
    static const char *const parts[] = { "upper", "work", "merged" };
    char path[4096], options[8192];
    need_own_namespace();
    for (int i = 0; i < 3; i++) {
        snprintf(path, sizeof path, "%s/%s", argv[2], parts[i]);
        if (mkdir(path, 0755) != 0) {
            setup_failed("mkdir");
        }
    }
    snprintf(options, sizeof options, "lowerdir=%s,upperdir=%s/upper,workdir=%s/work", argv[1], argv[2], argv[2]);
    if (mount("overlay", path, "overlay", 0, options) != 0) {
        setup_failed("mount overlay");
    }
    return dispatch(argc - 3, argv + 3);
}

/* open-tree DIR COMMAND...: a detached copy of the mount becomes the working directory. */
int run_open_tree(int argc, char **argv)
{
    int tree = syscall(SYS_open_tree, AT_FDCWD, argv[1], OPEN_TREE_CLONE | O_CLOEXEC);
    if (tree < 0 || fchdir(tree) != 0) {
        setup_failed("open_tree");
    }
    return dispatch(argc - 2, argv + 2);
}
