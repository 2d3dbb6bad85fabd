/*
 * Many processes at once, each with an account of what became of its opens.
 */
#ifndef LOAD_H
#define LOAD_H

#include "opener.h"
#include <signal.h>

/* Shared with the parent, who reads it also when the process hangs. Of two counts the second is of infected files. */
struct account {
    long opens, allowed[2], denied[2], other, undecided;
    double longest;
    double waiting_since;
    /* When the last open began, milliseconds. */
    double began;
    int done;
};

struct load {
    long processes;
    /* How long they run, and how long beyond that none of them counts as hung. */
    double seconds, grace;
    /* Where it is not NULL: whether they are to end now. */
    const volatile sig_atomic_t *is_ending;
    /* What the process of that number does. */
    void (*run)(struct account *account, long number, const struct load *load);
};

/* Runs a load, prints its line. */
int run_load(const struct load *load);

/* Opens a file, counts the open and its time, and returns the time in milliseconds; errno tells of a failed open. */
double open_timed(struct account *account, const char *path, int flags, int *fd);

/* Counts the answer to an open of a file, as open_timed has left it. */
void count_answer(struct account *account, int infected, int fd);

/* Memory that children share. */
void *share(size_t size);

#endif
