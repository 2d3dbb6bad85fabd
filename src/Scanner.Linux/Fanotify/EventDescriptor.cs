using System.Globalization;
using System.Runtime.InteropServices;
using Scanner.Linux.Files;

namespace Scanner.Linux.Fanotify;

/// <summary>The descriptor that an event brought. It belongs to the event's slot; only the slot's owner closes it.</summary>
/// <remarks>
/// Not a SafeHandle on purpose: the kernel finds the waiting open by this number. Closed before the answer is
/// written, the number may be given to a newer event, and the older one's answer would then decide the newer one.
/// </remarks>
public readonly partial record struct EventDescriptor(int Number)
{
    /// <summary>Lends the descriptor for reading content.</summary>
    public ContentDescriptor Content => new(Number);

    /// <summary>What the kernel knows of the file (statx(2)).</summary>
    public Errno TryGetStatus(StatusScope scope, out FileStatus status) =>
        FileStatus.TryGet(Number, scope, out status);

    /// <summary>Encodes a handle that finds the file again after this descriptor is gone (name_to_handle_at(2)).</summary>
    public Errno TryGetHandle(ref FileHandle handle) => FileHandle.TryEncode(Number, ref handle);

    /// <summary>The path under which the file was opened, in the opener's mount namespace. For people and for rules.</summary>
    /// <param name="buffer">Takes the path; the kernel gives at most 4,095 bytes.</param>
    /// <param name="length">The path's length in bytes.</param>
    /// <returns>ENAMETOOLONG for a longer path.</returns>
    public Errno TryGetPath(Span<byte> buffer, out int length)
    {
        Span<byte> link = stackalloc byte[32];
        "/proc/self/fd/"u8.CopyTo(link);
        _ = Number.TryFormat(link[14..^1], out int digits, default, CultureInfo.InvariantCulture);
        link[14 + digits] = 0;
        nint read = Native.readlink(link, buffer, (nuint)buffer.Length);
        if (read < 0)
        {
            length = 0;
            return (Errno)Marshal.GetLastPInvokeError();
        }

        length = (int)read;
        return length == buffer.Length ? Errno.ENAMETOOLONG : Errno.None;
    }

    /// <summary>Closes the descriptor. Only after the answer is written and marked so in the slot.</summary>
    public void Close() => _ = Native.close(Number);

    private static partial class Native
    {
        [LibraryImport("libc", SetLastError = true)]
        internal static partial nint readlink(ReadOnlySpan<byte> path, Span<byte> buffer, nuint size);

        [LibraryImport("libc", SetLastError = true)]
        internal static partial int close(int fd);
    }
}
