using Scanner.Linux.Files;

namespace Scanner.Supervisor;

/// <summary>A lease that is kept, and for as long its group does not ask about the file.</summary>
/// <param name="File">The leased file; owned by whoever has it in a <see cref="LeaseTable"/>.</param>
/// <param name="Group">The index of the group.</param>
/// <param name="Device">The file's file system.</param>
/// <param name="Inode">The file's number there.</param>
/// <param name="Until">When it is given up at the latest, nanoseconds of the monotonic clock.</param>
internal readonly record struct KeptLease(PassedFile File, int Group, ulong Device, ulong Inode, long Until);
