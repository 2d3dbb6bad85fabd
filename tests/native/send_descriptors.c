/* send_descriptors SOCKET COUNT FD: sends one message on SOCKET that carries COUNT copies of FD. */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

int main(int argc, char **argv)
{
    if (argc != 4)
        return 2;
    int count = atoi(argv[2]);
    int fd = atoi(argv[3]);
    char control[CMSG_SPACE(64 * sizeof(int))] = {0};
    char text = 'x';
    struct iovec data = {&text, 1};
    struct msghdr message = {.msg_iov = &data, .msg_iovlen = 1, .msg_control = control};
    message.msg_controllen = CMSG_SPACE(count * sizeof(int));
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(count * sizeof(int));
    for (int i = 0; i < count; i++)
        memcpy(CMSG_DATA(header) + i * sizeof(int), &fd, sizeof(int));
    return sendmsg(atoi(argv[1]), &message, 0) == 1 ? 0 : 1;
}
