using System.Runtime.InteropServices;
using Scanner.Linux.Files;

namespace Scanner.Linux.Fanotify;

/// <summary>A fanotify group that is told what happens to files. It asks nobody and holds nobody up.</summary>
/// <remarks>
/// The notice of an open comes before open(2) returns; those of a write, a new owner or mode, and a renaming come a
/// moment later than their effect can be seen. What the kernel itself writes to the file behind a loop device leaves no
/// notice (seen on Linux 6.18).
/// Several threads may take notices.
/// </remarks>
public sealed partial class NoticeGroup : Descriptor
{
    /// <summary>Bytes that <see cref="TakeAll"/> reads into.</summary>
    public const int BufferBytes = 4096;

    private NoticeGroup(int number)
        : base(number)
    {
    }

    /// <summary>
    /// Opens a group with unlimited marks and the kernel's limit of queued notices; what is lost beyond it leaves a
    /// notice too.
    /// </summary>
    /// <exception cref="ErrnoException">EMFILE beyond <c>fs.fanotify.max_user_groups</c>.</exception>
    public static NoticeGroup Open()
    {
        const InitFlags flags =
            InitFlags.CloseOnExec | InitFlags.NonBlocking | InitFlags.ReportFileId | InitFlags.UnlimitedMarks;
        int number = Native.fanotify_init(flags, Native.O_CLOEXEC);
        return number >= 0 ? new NoticeGroup(number) : throw ErrnoException.Last(nameof(Native.fanotify_init));
    }

    /// <summary>Listens to a file.</summary>
    /// <param name="mask">What to listen for.</param>
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

    /// <summary>Listens to an open file until its inode leaves the kernel's memory, and to that it is deleted.</summary>
    /// <returns>
    /// EXDEV on a btrfs subvolume where the group listens to another subvolume or file system already.
    /// </returns>
    public Errno TryMark(EventMask mask, ContentDescriptor file) =>
        ErrorOf(Native.fanotify_mark(
            this, MarkFlags.Add | MarkFlags.Evictable, mask | EventMask.DeleteSelf, file.Number, 0));

    /// <summary>Listens to everything on the file system that holds a path.</summary>
    /// <returns>EOPNOTSUPP, ENODEV or EXDEV where the file system has no file handles.</returns>
    public Errno TryMarkFilesystem(EventMask mask, Descriptor directory, BytePath path) =>
        ErrorOf(Native.fanotify_mark(
            this, MarkFlags.Add | MarkFlags.Filesystem, mask, directory.Number, path.Terminated));

    /// <summary>Stops listening to a file, but for that it is deleted: so the mark stays.</summary>
    /// <remarks>
    /// An inode mark that goes, whosever it is, can let opens of the file pass that others are to be asked about (see
    /// <see cref="FanotifyGroup"/>).
    /// </remarks>
    /// <param name="mask">What was listened for.</param>
    /// <param name="place">The file; a mere place (O_PATH) will do.</param>
    /// <returns>ENOENT if nobody listened.</returns>
    public Errno TryUnmark(EventMask mask, Descriptor place) =>
        ErrorOf(Native.fanotify_mark(this, MarkFlags.Remove, mask, place.Number, place.SelfPath.Terminated));

    /// <summary>Takes all notices there are, and those that come meanwhile. Never waits; allocates nothing.</summary>
    /// <param name="buffer">At least <see cref="BufferBytes"/>, which the notices are in.</param>
    /// <exception cref="ObjectDisposedException">The group is closed.</exception>
    public Notices TakeAll(Span<byte> buffer) => new(this, buffer);

    /// <returns>The bytes read; 0 when there is nothing.</returns>
    internal int Read(Span<byte> buffer)
    {
        nint read;
        do
        {
            read = Native.read(this, buffer, buffer.Length);
        }
        while (read < 0 && Marshal.GetLastPInvokeError() == (int)Errno.EINTR);
        return (int)Math.Max(read, 0);
    }

    private static Errno ErrorOf(int result) => result == 0 ? Errno.None : (Errno)Marshal.GetLastPInvokeError();

    private static partial class Native
    {
        internal const uint O_CLOEXEC = 0x80000;

        [LibraryImport("libc", SetLastError = true)]
        internal static partial int fanotify_init(InitFlags flags, uint eventFlags);

        [LibraryImport("libc", SetLastError = true)]
        internal static partial int fanotify_mark(
            NoticeGroup group, MarkFlags flags, EventMask mask, int directory, ReadOnlySpan<byte> path);

        [LibraryImport("libc", SetLastError = true)]
        internal static partial int fanotify_mark(
            NoticeGroup group, MarkFlags flags, EventMask mask, int file, nint noPath);

        [LibraryImport("libc", SetLastError = true)]
        internal static partial nint read(NoticeGroup group, Span<byte> buffer, nint count);
    }
}
