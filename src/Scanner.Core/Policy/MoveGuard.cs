using Scanner.Linux;
using Scanner.Linux.Files;

namespace Scanner.Core.Policy;

/// <summary>Tells whether a file that lies outside of a watched directory may have been opened inside.</summary>
/// <remarks>
/// Between the opener's look-up and ours, somebody may rename the file, or a directory above it, out of what is
/// watched. Renaming changes the change time of what is renamed, and nobody can set that: where it is old for the
/// file and for every directory above it that could have moved, the file was outside when it was opened. "Old" means
/// longer ago than an event can have waited to be read, a restart of the worker included.
/// </remarks>
/// <param name="hostRoot">The host's root directory.</param>
/// <param name="backlogUntil">Until when events may be read that no worker read in time; see <see cref="Clock"/>.</param>
/// <param name="time">The system's clock.</param>
public sealed class MoveGuard(Descriptor hostRoot, long backlogUntil, TimeProvider time)
{
    /// <summary>A silent worker is killed after a second, and the next one reads within another.</summary>
    private const long SettledNanoseconds = 3_000 * Clock.NanosecondsPerMillisecond;

    /// <summary>When workers have died for some time, their events have waited for as long.</summary>
    private const long SettledInBacklogNanoseconds = 60_000 * Clock.NanosecondsPerMillisecond;

    private const long NanosecondsPerTick = 100;

    /// <summary>Whether a path that says "outside" cannot be believed.</summary>
    /// <param name="file">The file's status.</param>
    /// <param name="place">Where it seems to lie.</param>
    /// <param name="scratch">At least <see cref="Coverage.MaxPathBytes"/>.</param>
    public bool MayHaveMoved(in FileStatus file, in FilePlace place, Span<byte> scratch)
    {
        long now = (time.GetUtcNow().Ticks - DateTime.UnixEpoch.Ticks) * NanosecondsPerTick;
        long since = now - (Clock.Now < backlogUntil ? SettledInBacklogNanoseconds : SettledNanoseconds);
        if (IsRecent(file, since))
        {
            return true;
        }

        for (int end = place.NextDirectory(place.MountPointLength); end > 0; end = place.NextDirectory(end))
        {
            // Had a directory moved that holds the watched one, that would have moved with it.
            if (!place.HoldsTree(end) && IsRecent(place.Path[1..end], since, scratch))
            {
                return true;
            }
        }

        return false;
    }

    private bool IsRecent(ReadOnlySpan<byte> relativePath, long since, Span<byte> scratch)
    {
        relativePath.CopyTo(scratch);
        scratch[relativePath.Length] = 0;
        return FileStatus.TryGetAt(hostRoot, scratch[..(relativePath.Length + 1)], out FileStatus status) != Errno.None
            || IsRecent(status, since);
    }

    /// <summary>A time in the future is no proof of anything.</summary>
    private static bool IsRecent(in FileStatus status, long since) => status.ChangedAt > since;
}
