/* add_to_memory FD: maps FD and writes the number at byte 0, plus one, to byte 8. */
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

int main(int argc, char **argv)
{
    if (argc != 2)
        return 2;
    uint64_t *memory = mmap(NULL, 16, PROT_READ | PROT_WRITE, MAP_SHARED, atoi(argv[1]), 0);
    if (memory == MAP_FAILED)
        return 1;
    memory[1] = memory[0] + 1;
    return 0;
}
