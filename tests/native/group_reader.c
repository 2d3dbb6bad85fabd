/* group_reader GROUP SOCKET: reads one event, sends the number of its descriptor on SOCKET, and never answers. */
#include <poll.h>
#include <stdlib.h>
#include <sys/fanotify.h>
#include <sys/socket.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    if (argc != 3)
        return 2;
    int group = atoi(argv[1]);
    struct pollfd waiting = {group, POLLIN, 0};
    struct fanotify_event_metadata event;
    if (poll(&waiting, 1, 10000) != 1 || read(group, &event, sizeof event) != sizeof event)
        return 1;
    if (send(atoi(argv[2]), &event.fd, sizeof event.fd, 0) != sizeof event.fd)
        return 1;
    for (;;)
        pause();
}
