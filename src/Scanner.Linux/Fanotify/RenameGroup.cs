using System.Runtime.InteropServices;

namespace Scanner.Linux.Fanotify;

/// <summary>A fanotify group that is told when something is renamed. It asks nobody and holds nobody up.</summary>
/// <remarks>The notice comes after the renaming, a moment later than its effect can be seen.</remarks>
public sealed partial class RenameGroup : Descriptor
{
    private const int BufferBytes = 4096;

    private RenameGroup(int number)
        : base(number)
    {
    }

    /// <summary>
    /// Opens a group with the kernel's limit of queued events; what is lost beyond it leaves a notice too.
    /// </summary>
    /// <exception cref="ErrnoException">EMFILE beyond <c>fs.fanotify.max_user_groups</c>.</exception>
    public static RenameGroup Open()
    {
        int number = Native.fanotify_init(
            InitFlags.CloseOnExec | InitFlags.NonBlocking | InitFlags.ReportFileId, Native.O_CLOEXEC);
        return number >= 0 ? new RenameGroup(number) : throw ErrnoException.Last(nameof(Native.fanotify_init));
    }

    /// <summary>Listens to renamings of files and directories on the file system that holds a path.</summary>
    /// <returns>EOPNOTSUPP, ENODEV or EXDEV where the file system has no file handles.</returns>
    public Errno TryMarkFilesystem(Descriptor directory, BytePath path) =>
        Native.fanotify_mark(
            this,
            MarkFlags.Add | MarkFlags.Filesystem,
            Native.FAN_MOVED_FROM | Native.FAN_ONDIR,
            directory.Number,
            path.Terminated) == 0
            ? Errno.None
            : (Errno)Marshal.GetLastPInvokeError();

    /// <summary>Takes all notices there are.</summary>
    /// <returns>Whether there were any.</returns>
    public bool TakeAll()
    {
        Span<byte> buffer = stackalloc byte[BufferBytes];
        bool any = false;
        while (Native.read(Number, buffer, buffer.Length) > 0)
        {
            any = true;
        }

        return any;
    }

    private static partial class Native
    {
        internal const uint O_CLOEXEC = 0x80000;
        internal const ulong FAN_MOVED_FROM = 0x40;
        internal const ulong FAN_ONDIR = 0x4000_0000;

        [LibraryImport("libc", SetLastError = true)]
        internal static partial int fanotify_init(InitFlags flags, uint eventFlags);

        [LibraryImport("libc", SetLastError = true)]
        internal static partial int fanotify_mark(
            RenameGroup group, MarkFlags flags, ulong mask, int directory, ReadOnlySpan<byte> path);

        [LibraryImport("libc", SetLastError = true)]
        internal static partial nint read(int fd, Span<byte> buffer, nint count);
    }
}
