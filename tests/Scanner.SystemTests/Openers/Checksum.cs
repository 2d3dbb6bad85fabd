namespace Scanner.SystemTests.Openers;

/// <summary>FNV-1a in 64 bits, as the native opener computes it over what it has read.</summary>
internal static class Checksum
{
    public static ulong Of(ReadOnlySpan<byte> content)
    {
        ulong sum = 0xcbf29ce484222325;
        foreach (byte value in content)
        {
            sum = (sum ^ value) * 0x100000001b3;
        }

        return sum;
    }
}
