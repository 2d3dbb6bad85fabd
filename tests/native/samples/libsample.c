/* The shared library of the dlopen tests. */
const char *sample_text(void);

const char *sample_text(void)
{
    return "sample loaded\n";
}
