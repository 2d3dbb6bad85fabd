using Scanner.Linux;
using Scanner.Linux.Mounts;

namespace Scanner.Core.Policy;

/// <summary>A directory to watch, found once at the start.</summary>
/// <param name="Path">Its absolute path, without symbolic links.</param>
/// <param name="Filesystem">The file system that holds it.</param>
/// <param name="Tree">The directory inside that file system.</param>
/// <param name="Type">The file system's type.</param>
/// <param name="MountId">The mount that it was found through, as the mount table lists it.</param>
/// <param name="UniqueMountId">The same mount as statx(2) gives it: from Linux 6.8 on never given to another.</param>
public sealed record WatchRoot(
    BytePath Path, DeviceNumber Filesystem, BytePath Tree, string Type, int MountId, ulong UniqueMountId)
{
    /// <summary>Whether all of the file system is decided on.</summary>
    public bool IsWholeFilesystem => Tree.Bytes.SequenceEqual("/"u8);
}
