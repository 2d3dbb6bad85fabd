using Scanner.Linux.Files;

namespace Scanner.Core.Scanning;

/// <summary>One version of one file's content, as far as the kernel's numbers tell it.</summary>
/// <remarks>Change time, unlike modification time, cannot be set. It proves no more than that something differs.</remarks>
internal readonly record struct FileVersion(int Group, ulong Device, ulong Inode, long Size, long ChangedAt)
{
    public static FileVersion Of(int group, in FileStatus status) =>
        new(group, status.Device, status.Inode, status.Size, status.ChangedAt);
}
