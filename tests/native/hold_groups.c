/*
 * hold_groups LEFT: opens as many fanotify groups as its user may have, but for LEFT, prints "ready HELD", and holds
 * them until it is killed. They have no marks, so nobody waits for it.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/fanotify.h>
#include <unistd.h>

#define MOST 65536

int main(int argc, char **argv)
{
    static int groups[MOST];
    int held = 0, left = argc == 2 ? atoi(argv[1]) : 0;
    while (held < MOST) {
        int group = fanotify_init(FAN_CLASS_NOTIF | FAN_REPORT_FID | FAN_CLOEXEC, O_RDONLY);
        if (group < 0)
            break;
        groups[held++] = group;
    }
    if (errno != EMFILE || held < left) {
        perror("fanotify_init");
        return 1;
    }
    while (left-- > 0)
        close(groups[--held]);
    printf("ready %d\n", held);
    fflush(stdout);
    for (;;)
        pause();
}
