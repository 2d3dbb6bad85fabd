using Scanner.Linux.Files;

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
    FileIdentity File, ulong Generation, long Size, long ModifiedAt, long ChangedAt)
{
    /// <summary>The version that a status is of.</summary>
    /// <remarks>
    /// The generation is the time of birth: it cannot be set, and a file that gets the inode number of another is born
    /// later. Where one was changed as late as another was born, nothing is kept of it; see <c>ScanFlight</c>.
    /// </remarks>
    internal static FileVersion Of(ulong identity, in FileStatus status) => new(
        FileIdentity.Of(identity, status), (ulong)status.BornAt, status.Size, status.ModifiedAt, status.ChangedAt);
}
