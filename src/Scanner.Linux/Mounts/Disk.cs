namespace Scanner.Linux.Mounts;

/// <summary>A disk that a file system's content lies on, below partitions and device mapper.</summary>
/// <param name="Name">As in /dev; <c>null</c> if nobody can say.</param>
/// <param name="Kind">Who else can change it.</param>
/// <param name="Directory">Its directory in sysfs.</param>
public sealed record Disk(string? Name, DiskKind Kind, string Directory)
{
    internal static Disk Unknown { get; } = new(null, DiskKind.Unknown, "");
}
