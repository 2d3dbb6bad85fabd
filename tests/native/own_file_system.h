// Opens a file system that may be marked. One wrong mark stops the machine: an unanswered open of a library or of the
// shell waits for ever. So everything that could go wrong is checked before the first fanotify call, and exit status 99
// says that a check refused. The file that must be there is the check that matters: a list of places to keep away from
// is never complete (/dev and /dev/shm are tmpfs mounts of their own too).

#ifndef OWN_FILE_SYSTEM_H
#define OWN_FILE_SYSTEM_H

#include <errno.h>
#include <fcntl.h>
#include <linux/btrfs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#define EXIT_REFUSED 99
#define PROOF ".scratch-file-system"
#define EXT4_MAGIC 0xEF53
#define XFS_MAGIC 0x58465342
#define TMPFS_MAGIC 0x01021994
#define BTRFS_MAGIC 0x9123683E
#define OVERLAY_MAGIC 0x794C7630

static _Noreturn void refuse(const char *directory, const char *why)
{
    fprintf(stderr, "responder: %s: %s\n", directory, why);
    exit(EXIT_REFUSED);
}

// Whether a place is on the same btrfs: there st_dev stands for a subvolume, and a mark for all of them.
static int is_same_btrfs(int own, const char *place)
{
    struct btrfs_ioctl_fs_info_args mine = {0}, other = {0};
    int fd = open(place, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || ioctl(own, BTRFS_IOC_FS_INFO, &mine) != 0)
    {
        refuse(place, strerror(errno));
    }
    int is_same = ioctl(fd, BTRFS_IOC_FS_INFO, &other) == 0 && memcmp(mine.fsid, other.fsid, sizeof mine.fsid) == 0;
    close(fd);
    return is_same;
}

// Opens the directory and checks that file system; the mark is set on this very descriptor, so that no rename or
// unmount in between can put it elsewhere.
static int open_own_file_system(const char *directory)
{
    static const char *const never[] = {
        "/", "/usr", "/lib", "/etc", "/var", "/home", "/tmp", "/run", "/dev", "/dev/shm", "/proc/self/exe",
        "/proc/self/cwd",
    };

    int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
    {
        refuse(directory, strerror(errno));
    }

    struct statx mount;
    if (statx(fd, "", AT_EMPTY_PATH, STATX_BASIC_STATS, &mount) != 0)
    {
        refuse(directory, strerror(errno));
    }
    if ((mount.stx_attributes_mask & STATX_ATTR_MOUNT_ROOT) == 0 ||
        (mount.stx_attributes & STATX_ATTR_MOUNT_ROOT) == 0)
    {
        refuse(directory, "not a mount point of its own");
    }

    struct stat proof;
    if (fstatat(fd, PROOF, &proof, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(proof.st_mode))
    {
        refuse(directory, "holds no file named " PROOF);
    }

    // Only where it is known how to tell one file system from another. The root of an overlay has the overlay's st_dev,
    // and a mark on it is none on its layers.
    struct statfs system;
    if (fstatfs(fd, &system) != 0)
    {
        refuse(directory, strerror(errno));
    }
    if (system.f_type != EXT4_MAGIC && system.f_type != XFS_MAGIC && system.f_type != TMPFS_MAGIC &&
        system.f_type != BTRFS_MAGIC && system.f_type != OVERLAY_MAGIC)
    {
        refuse(directory, "neither ext4 nor xfs nor btrfs nor tmpfs nor overlay");
    }

    struct stat own;
    if (fstat(fd, &own) != 0)
    {
        refuse(directory, strerror(errno));
    }
    for (size_t i = 0; i < sizeof never / sizeof *never; i++)
    {
        struct stat other;
        if (stat(never[i], &other) != 0)
        {
            // A place that is not there cannot be marked; anything else is not understood.
            if (errno == ENOENT)
            {
                continue;
            }
            refuse(never[i], strerror(errno));
        }
        if (other.st_dev == own.st_dev || (system.f_type == BTRFS_MAGIC && is_same_btrfs(fd, never[i])))
        {
            fprintf(stderr, "responder: %s is on the same file system\n", never[i]);
            refuse(directory, "marking it would stop the machine");
        }
    }
    return fd;
}

#endif
