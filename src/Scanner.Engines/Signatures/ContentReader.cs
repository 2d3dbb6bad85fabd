using Scanner.Linux;
using Scanner.Linux.Files;

namespace Scanner.Engines.Signatures;

/// <summary>Reads from the start of content as much as is wanted and there.</summary>
internal static class ContentReader
{
    /// <summary>Fills a buffer from the content's start.</summary>
    /// <param name="content">The content.</param>
    /// <param name="buffer">Where the bytes go.</param>
    /// <param name="count">The bytes read; fewer than the buffer has only where the content ends.</param>
    /// <returns><c>false</c> if the content cannot be read.</returns>
    public static bool TryFill(ContentDescriptor content, Span<byte> buffer, out int count)
    {
        count = 0;
        while (count < buffer.Length)
        {
            if (content.TryRead(buffer[count..], count, out int read) != Errno.None)
            {
                return false;
            }

            if (read == 0)
            {
                return true;
            }

            count += read;
        }

        return true;
    }

    /// <summary>Whether content ends after this many bytes, found out with two reads of one byte.</summary>
    /// <returns><c>false</c> also where that cannot be read.</returns>
    public static bool EndsAfter(ContentDescriptor content, long size)
    {
        Span<byte> single = stackalloc byte[1];
        return size > 0
            && content.TryRead(single, size - 1, out int last) == Errno.None
            && last == 1
            && content.TryRead(single, size, out int beyond) == Errno.None
            && beyond == 0;
    }
}
