#include "opener.h"

uint64_t checksum_add(uint64_t sum, const void *bytes, size_t length)
{
    const unsigned char *at = bytes;
    while (length-- > 0) {
        sum = (sum ^ *at++) * 0x100000001b3ULL;
    }
    return sum;
}

int report_ok(uint64_t length, uint64_t checksum)
{
    printf("ok %llu %016llx\n", (unsigned long long)length, (unsigned long long)checksum);
    return 0;
}

int report_errno(int error)
{
    const char *name = strerrorname_np(error);
    printf("errno %d %s\n", error, name == NULL ? "?" : name);
    return error;
}

int report_text(const char *text)
{
    return report_ok(strlen(text), checksum_add(CHECKSUM_START, text, strlen(text)));
}

/* Reads what fd holds, or reports errno if there is no fd. */
int report_open(int fd)
{
    if (fd < 0) {
        return report_errno(errno);
    }

    static char buffer[65536];
    uint64_t sum = CHECKSUM_START, length = 0;
    ssize_t got;
    while ((got = read(fd, buffer, sizeof buffer)) > 0) {
        sum = checksum_add(sum, buffer, got);
        length += got;
    }
    return got < 0 ? report_errno(errno) : report_ok(length, sum);
}

void setup_failed(const char *what)
{
    int error = errno;
    const char *name = strerrorname_np(error);
    printf("setup %d %s %s\n", error, name == NULL ? "?" : name, what);
    fflush(stdout);
    _exit(EXIT_SETUP);
}
