/* The executable of the exec tests. What it prints tells the opener that it really ran. */
#include <stdio.h>

int main(void)
{
    return puts("sample ran") < 0;
}
