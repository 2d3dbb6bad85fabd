namespace Scanner.Core.Caching;

/// <summary>One version of one file's content, as far as the kernel's numbers tell it.</summary>
/// <remarks>
/// Equal versions do not prove equal content: a store into a page that is already dirty changes none of these numbers.
/// That proof is a read lease, taken over the scan and again at the hit.
/// </remarks>
/// <param name="File">Which file.</param>
/// <param name="Generation">What differs between two files that had the same inode number one after the other.</param>
/// <param name="Size">Bytes.</param>
/// <param name="ModifiedAt">Nanoseconds since 1970. Can be set by the file's owner (utimensat(2)).</param>
/// <param name="ChangedAt">Nanoseconds since 1970. Cannot be set.</param>
public readonly record struct FileVersion(
    FileIdentity File, ulong Generation, long Size, long ModifiedAt, long ChangedAt);
