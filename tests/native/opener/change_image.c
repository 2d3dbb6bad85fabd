/* The way below the file system: the image that it lies in is written, where the file's blocks are. */
#include "change.h"
#include <sys/mman.h>
#include <sys/stat.h>

#define BLOCK 4096

static char *image;
static size_t image_size;
static int image_fd;

/* Opens the file while it is clean, has the file system write it out, and maps the image to look for it. */
void find_in_image(struct change *change)
{
    struct stat stat;
    change->fd = open(change->file, O_RDONLY | O_CLOEXEC);
    if (change->fd < 0 || syncfs(change->fd) != 0) {
        setup_failed("syncfs");
    }
    image_fd = open(change->image, O_RDWR | O_CLOEXEC);
    if (image_fd < 0 || fstat(image_fd, &stat) != 0) {
        setup_failed(change->image);
    }
    image_size = stat.st_size;
    image = mmap(NULL, image_size, PROT_READ, MAP_SHARED, image_fd, 0);
    if (image == MAP_FAILED) {
        setup_failed("mmap image");
    }
}

/* Most of the image is a hole. */
static off_t find(const char *block)
{
    off_t begin = 0;
    while ((begin = lseek(image_fd, begin, SEEK_DATA)) >= 0) {
        off_t end = lseek(image_fd, begin, SEEK_HOLE);
        const char *at = memmem(image + begin, end - begin, block, BLOCK);
        if (at != NULL) {
            return at - image;
        }
        begin = end;
    }
    setup_failed("the file's blocks are not in the image");
}

void act_image(struct change *change)
{
    char block[BLOCK];
    for (size_t i = 0; i < change->content.length; i += BLOCK) {
        if (pread(change->fd, block, BLOCK, i) != BLOCK
            || pwrite(image_fd, change->content.bytes + i, BLOCK, find(block)) != BLOCK) {
            setup_failed("write image");
        }
    }
    /* What the file system has in memory is clean, so it can be dropped and is read anew. */
    if (fsync(image_fd) != 0 || posix_fadvise(change->fd, 0, 0, POSIX_FADV_DONTNEED) != 0) {
        setup_failed("fadvise");
    }
    for (size_t i = 0; i < change->content.length; i += BLOCK) {
        if (pread(change->fd, block, BLOCK, i) != BLOCK || memcmp(block, change->content.bytes + i, BLOCK) != 0) {
            setup_failed("the change is not seen through the file system");
        }
    }
}
