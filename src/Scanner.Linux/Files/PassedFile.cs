using System.Runtime.InteropServices;

namespace Scanner.Linux.Files;

/// <summary>A file that came over a socket. Whoever received it closes it, once.</summary>
/// <remarks>
/// Not a SafeHandle on purpose: a process that must go on when memory is short keeps thousands of them in tables that
/// it has had from the start. Equal to another while both are open only if it is the same.
/// </remarks>
public readonly partial record struct PassedFile
{
    private readonly int _number;

    internal PassedFile(int number) => _number = number;

    /// <summary>Lends the file for looking at it.</summary>
    public ContentDescriptor Content => new(_number);

    /// <summary>Whether the file can still be found by a name.</summary>
    public bool HasName => FileStatus.HasName(_number);

    /// <summary>
    /// Closes it. If it has no name any more, and nobody else has it open, that takes as long as freeing its blocks.
    /// </summary>
    public void Close() => _ = Native.close(_number);

    private static partial class Native
    {
        [LibraryImport("libc", SetLastError = true)]
        internal static partial int close(int fd);
    }
}
