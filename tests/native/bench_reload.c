// Puts a new signature list in place of the old one, and opens files until both kinds that it forbids are denied.
//
//   bench_reload NEW OLD KNOWN BYSTANDER FRESH...
//
// Renames NEW to OLD. Then, every other millisecond, opens KNOWN, which was found clean by the old list; one FRESH
// after the other, none of which was ever opened; and BYSTANDER, which stays clean. KNOWN and FRESH are forbidden by the
// new list. The first FRESH that is denied shows when the engine has the new list; the first denial of KNOWN, when
// nothing is answered from the old one any more. Goes on for two seconds after that: giving marks back takes its time,
// too. Prints one line of JSON, with the longest wait of a single open. Fails if the list is not used within a minute.

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define LIMIT_NS 60000000000u
#define AFTERWARDS_NS 2000000000u
#define PAUSE_US 2000

static uint64_t longest_ns;

static _Noreturn void fail(const char *what)
{
    fprintf(stderr, "bench_reload: %s: %s\n", what, strerror(errno));
    exit(EXIT_FAILURE);
}

static uint64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

// Whether the open was denied.
static int is_denied(const char *path)
{
    uint64_t began = now_ns();
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    int error = errno;
    uint64_t took = now_ns() - began;
    longest_ns = took > longest_ns ? took : longest_ns;
    if (fd >= 0)
    {
        close(fd);
        return 0;
    }
    if (error != EPERM)
    {
        errno = error;
        fail(path);
    }
    return 1;
}

int main(int argc, char **argv)
{
    if (argc < 6)
    {
        fprintf(stderr, "usage: bench_reload NEW OLD KNOWN BYSTANDER FRESH...\n");
        return 2;
    }
    const char *known = argv[3], *bystander = argv[4];
    char **fresh = argv + 5;

    // Also makes sure that the denial means something.
    if (is_denied(known) || is_denied(bystander))
    {
        errno = EPERM;
        fail("denied before the list was replaced");
    }
    longest_ns = 0;
    uint64_t fresh_at = 0, known_at = 0, began = now_ns();
    if (rename(argv[1], argv[2]) != 0)
    {
        fail(argv[1]);
    }
    while (known_at == 0 || fresh_at == 0 || now_ns() - known_at < AFTERWARDS_NS)
    {
        if (fresh_at == 0 && *fresh != NULL && is_denied(*fresh++))
        {
            fresh_at = now_ns();
        }
        if (known_at == 0 && is_denied(known))
        {
            known_at = now_ns();
        }
        if (is_denied(bystander))
        {
            errno = EPERM;
            fail(bystander);
        }
        if ((fresh_at == 0 && *fresh == NULL) || (known_at == 0 && now_ns() - began > LIMIT_NS))
        {
            errno = ETIME;
            fail(fresh_at == 0 ? "the new list is not used" : "what was known before is not judged anew");
        }
        usleep(PAUSE_US);
    }
    printf("{\"fresh_ms\":%.3f,\"known_ms\":%.3f,\"longest_ms\":%.3f}\n", (double)(fresh_at - began) / 1e6,
           (double)(known_at - began) / 1e6, (double)longest_ns / 1e6);
    return EXIT_SUCCESS;
}
