using Scanner.Core.Listening;
using Scanner.Linux;
using Scanner.Linux.Files;

namespace Scanner.Core.Scanning;

/// <summary>A file to scan before somebody opens it.</summary>
/// <param name="Group">Where it was written.</param>
/// <param name="File">The file, owned by this object.</param>
/// <param name="Status">What it was when it was opened for this.</param>
/// <param name="Deadline">When the scan is given up, by <see cref="Clock"/>.</param>
/// <param name="OnEnd">Called once, when the scan has ended, with whether it led to a verdict.</param>
internal sealed record WrittenFile(
    WatchedGroup Group, Descriptor File, FileStatus Status, long Deadline, Action<bool> OnEnd)
{
    /// <summary>Closes the file and says how the scan ended.</summary>
    public void End(bool hasVerdict)
    {
        File.Dispose();
        OnEnd(hasVerdict);
    }
}
