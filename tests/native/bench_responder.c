// The yardstick: the least a responder can do. It allows every open of one file system and looks at nothing.
//
//   bench_responder DIRECTORY [PENDING]
//
// DIRECTORY must be the root of a mounted file system that was made for this, and says so: its root holds a file
// named .scratch-file-system. The first PENDING opens (default: none) it leaves unanswered, for as long as it runs.
// Prints "ready" once opens are asked; ends when it is killed, upon which the kernel allows what is pending
// (fanotify(7)). Exit status 99 says that it may not be marked.

#define _GNU_SOURCE
#include "own_file_system.h"
#include <sys/fanotify.h>

static _Noreturn void fail(const char *call)
{
    fprintf(stderr, "responder: %s: %s\n", call, strerror(errno));
    exit(EXIT_FAILURE);
}

static void reply(int group, const struct fanotify_event_metadata *event)
{
    if (event->mask & (FAN_OPEN_PERM | FAN_OPEN_EXEC_PERM))
    {
        struct fanotify_response response = {.fd = event->fd, .response = FAN_ALLOW};
        // ENOENT: the opener was killed while it waited, nobody needs the answer.
        if (write(group, &response, sizeof response) != sizeof response && errno != ENOENT)
        {
            fail("write");
        }
    }
    if (event->fd >= 0)
    {
        close(event->fd);
    }
}

int main(int argc, char **argv)
{
    if (argc < 2 || argc > 3)
    {
        fprintf(stderr, "usage: bench_responder DIRECTORY [PENDING]\n");
        return 2;
    }

    long pending = argc > 2 ? atol(argv[2]) : 0;
    int directory = open_own_file_system(argv[1]);
    int group = fanotify_init(FAN_CLASS_CONTENT | FAN_CLOEXEC | FAN_UNLIMITED_QUEUE | FAN_UNLIMITED_MARKS,
                              O_RDONLY | O_LARGEFILE | O_CLOEXEC);
    if (group < 0)
    {
        fail("fanotify_init");
    }
    if (fanotify_mark(group, FAN_MARK_ADD | FAN_MARK_FILESYSTEM, FAN_OPEN_PERM | FAN_OPEN_EXEC_PERM | FAN_CLOSE_WRITE,
                      directory, NULL) != 0)
    {
        fail("fanotify_mark");
    }
    // An open directory would keep the mount busy for no reason.
    close(directory);
    puts("ready");
    fflush(stdout);

    static char buffer[16384] __attribute__((aligned(__alignof__(struct fanotify_event_metadata))));
    for (;;)
    {
        ssize_t length = read(group, buffer, sizeof buffer);
        if (length < 0)
        {
            if (errno == EINTR)
            {
                continue;
            }
            fail("read");
        }

        struct fanotify_event_metadata *event = (struct fanotify_event_metadata *)buffer;
        for (; FAN_EVENT_OK(event, length); event = FAN_EVENT_NEXT(event, length))
        {
            // Held back with its descriptor, as by whoever is still scanning it.
            if (pending > 0 && (event->mask & FAN_OPEN_PERM))
            {
                pending--;
                continue;
            }
            reply(group, event);
        }
    }
}
