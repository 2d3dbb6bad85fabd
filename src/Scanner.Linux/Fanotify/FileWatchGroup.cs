using System.Runtime.InteropServices;

namespace Scanner.Linux.Fanotify;

/// <summary>A fanotify group, told when files are opened or written. It asks nobody and holds nobody up.</summary>
/// <remarks>
/// The notice of an open comes before open(2) returns, that of a write after it. What the kernel itself writes to the
/// file behind a loop device leaves no notice (seen on Linux 6.18).
/// </remarks>
public sealed partial class FileWatchGroup : Descriptor
{
    private const int BufferBytes = 4096;

    private FileWatchGroup(int number)
        : base(number)
    {
    }

    /// <summary>Opens a group with the kernel's limit of queued events; what is lost leaves a notice too.</summary>
    /// <exception cref="ErrnoException">EMFILE beyond <c>fs.fanotify.max_user_groups</c>.</exception>
    public static FileWatchGroup Open()
    {
        int number = Native.fanotify_init(
            InitFlags.CloseOnExec | InitFlags.NonBlocking | InitFlags.ReportFileId, Native.O_CLOEXEC);
        return number >= 0 ? new FileWatchGroup(number) : throw ErrnoException.Last(nameof(Native.fanotify_init));
    }

    /// <summary>Listens to a file.</summary>
    /// <param name="mask">Opens, writes, or the closing of a descriptor that could write.</param>
    /// <param name="directory">What the path is relative to.</param>
    /// <param name="path">The file.</param>
    /// <exception cref="ErrnoException">
    /// EOPNOTSUPP, ENODEV or EXDEV where the file system has no file handles; or the path does not resolve.
    /// </exception>
    public void MarkFile(EventMask mask, Descriptor directory, BytePath path)
    {
        if (Native.fanotify_mark(this, MarkFlags.Add, mask, directory.Number, path.Terminated) < 0)
        {
            throw ErrnoException.Last(nameof(Native.fanotify_mark), path.ToString());
        }
    }

    /// <summary>Takes all notices there are.</summary>
    /// <param name="firstOwn">A process whose notices do not count.</param>
    /// <param name="secondOwn">Another one.</param>
    /// <returns>Whether there were any of other processes, or more than the kernel would queue.</returns>
    /// <exception cref="ObjectDisposedException">The group is closed.</exception>
    public bool TakeAll(int firstOwn, int secondOwn)
    {
        Span<byte> buffer = stackalloc byte[BufferBytes];
        bool any = false;
        while (true)
        {
            nint read = Native.read(this, buffer, buffer.Length);
            if (read < 0 && Marshal.GetLastPInvokeError() == (int)Errno.EINTR)
            {
                continue;
            }

            if (read <= 0)
            {
                return any;
            }

            for (ReadOnlySpan<byte> rest = buffer[..(int)read]; rest.Length >= EventMetadata.ByteCount;)
            {
                EventMetadata metadata = MemoryMarshal.Read<EventMetadata>(rest);
                any |= metadata.ProcessId != firstOwn && metadata.ProcessId != secondOwn;
                rest = rest[(int)Math.Max(metadata.EventLength, EventMetadata.ByteCount)..];
            }
        }
    }

    private static partial class Native
    {
        internal const uint O_CLOEXEC = 0x80000;

        [LibraryImport("libc", SetLastError = true)]
        internal static partial int fanotify_init(InitFlags flags, uint eventFlags);

        [LibraryImport("libc", SetLastError = true)]
        internal static partial int fanotify_mark(
            FileWatchGroup group, MarkFlags flags, EventMask mask, int directory, ReadOnlySpan<byte> path);

        [LibraryImport("libc", SetLastError = true)]
        internal static partial nint read(FileWatchGroup group, Span<byte> buffer, nint count);
    }
}
