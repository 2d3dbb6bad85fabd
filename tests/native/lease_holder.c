/* lease_holder FILE SOCKET: takes a read lease on FILE, says so on SOCKET, and keeps it until it is killed. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    if (argc != 3)
        return 2;
    signal(SIGIO, SIG_IGN);
    int fd = open(argv[1], O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fcntl(fd, F_SETLEASE, F_RDLCK) < 0)
        return 1;
    if (send(atoi(argv[2]), "held", 4, 0) != 4)
        return 1;
    for (;;)
        pause();
}
