using System.Runtime.InteropServices;
using Scanner.Linux.Files;

namespace Scanner.Linux.Fanotify;

/// <summary>A fanotify group opened for permission events.</summary>
/// <remarks>
/// Implementation notes.
/// Closing the last descriptor of a group makes the kernel allow every event still unanswered (fanotify(7)), so the
/// process that must survive keeps one of its own.
/// Several threads may read one group, several processes may not: descriptor numbers would clash.
/// Event descriptors are opened O_NONBLOCK: the kernel opens the file on the reader's behalf, and without it a FIFO
/// without a writer, or a file under somebody's write lease, would hold the reader.
/// A mark is removed only by flushing all marks of its kind, at the end: removing single inode marks while an event
/// on that inode is pending lets other opens of it through (seen on Linux 6.18). So a file that need not be asked about
/// has a mark with a mask of its own, which keeps it attached while its ignore bits come and go.
/// </remarks>
public sealed partial class FanotifyGroup : Descriptor
{
    /// <summary>
    /// Most responses that one call of <see cref="Reply(ReadOnlySpan{FanotifyResponse})"/> takes (IOV_MAX).
    /// </summary>
    public const int MaxResponses = 1024;

    private FanotifyGroup(int number)
        : base(number)
    {
    }

    /// <summary>Opens a group of class CONTENT with unlimited queue and marks, for non-blocking reads.</summary>
    /// <exception cref="ErrnoException">
    /// EPERM without CAP_SYS_ADMIN; EMFILE beyond <c>fs.fanotify.max_user_groups</c> or RLIMIT_NOFILE.
    /// </exception>
    public static FanotifyGroup Open() => Open(InitFlags.UnlimitedQueue | InitFlags.UnlimitedMarks);

    /// <summary>As <see cref="Open()"/>, with limits if the flags that lift them are left out.</summary>
    internal static FanotifyGroup Open(InitFlags limits)
    {
        FanotifyGroup group = Init(limits | InitFlags.ReportDescriptorError);
        if (group.IsInvalid && Marshal.GetLastPInvokeError() == (int)Errno.EINVAL)
        {
            // Before Linux 6.13 an open whose descriptor cannot be made is denied too, but read(2) fails instead.
            group = Init(limits);
        }

        return !group.IsInvalid ? group : throw ErrnoException.Last(nameof(Native.fanotify_init));
    }

    /// <summary>Whether this kernel can say why it denied an open that it could not make a descriptor for.</summary>
    /// <returns>EINVAL before Linux 6.13.</returns>
    internal static Errno ProbeReportDescriptorError()
    {
        using FanotifyGroup group = Init(InitFlags.ReportDescriptorError);
        return group.IsInvalid ? (Errno)Marshal.GetLastPInvokeError() : Errno.None;
    }

    /// <summary>Whether the kernel would ask again what was read and not answered, as it is proposed.</summary>
    /// <remarks>
    /// The flag alone says nothing: its value may come to mean something else. Only a group that gives out a descriptor
    /// for its queue is one of that kind.
    /// </remarks>
    internal static bool HasRestartableEvents()
    {
        using FanotifyGroup group = Init(InitFlags.RestartableEvents);
        if (group.IsInvalid)
        {
            return false;
        }

        int queue = Native.ioctl(group, Native.FAN_IOC_OPEN_QUEUE_FD, 0);
        using Descriptor owned = new(queue);
        return queue >= 0;
    }

    /// <summary>Takes over a group that was opened elsewhere and received over a socket or by inheritance.</summary>
    /// <exception cref="ErrnoException">EBADF when the number is not open.</exception>
    public static FanotifyGroup Adopt(int number) => new(CloseOnExec(number));

    /// <summary>Another descriptor of the same group, which lives until both are closed.</summary>
    /// <exception cref="ErrnoException">No descriptor is left.</exception>
    public FanotifyGroup Duplicate() => new(DuplicateNumber());

    /// <summary>
    /// Listens to everything on the file system that holds a path, through whatever mount it is reached.
    /// </summary>
    /// <exception cref="ErrnoException">The path does not resolve, or its file system cannot be marked.</exception>
    public void MarkFilesystem(EventMask mask, Descriptor directory, BytePath path) =>
        Mark(MarkFlags.Add | MarkFlags.Filesystem, mask, directory, path);

    /// <summary>
    /// Lets opens and executions of a file pass unasked, until its content is modified in a way that the kernel
    /// notices, its inode leaves the kernel's memory, or <see cref="TryAskAgain(ContentDescriptor)"/>.
    /// </summary>
    /// <remarks>
    /// The kernel does not notice stores to a shared mapping, libaio writes with O_DIRECT, or writes below the file
    /// system. So only under a read lease, to be looked at again afterwards, and only where nobody but root can write
    /// or as long as that lease is kept.
    /// </remarks>
    /// <param name="file">Not a mere place (O_PATH).</param>
    /// <returns>ENOMEM when there is no room for a mark.</returns>
    public Errno TryPassUnasked(ContentDescriptor file)
    {
        Errno error = TryMark(MarkFlags.Add | MarkFlags.Evictable, EventMask.CloseWrite, file);
        return error == Errno.None
            ? TryMark(MarkFlags.Add | MarkFlags.Evictable | MarkFlags.Ignore, EventMask.Permission, file)
            : error;
    }

    /// <summary>Ends what <see cref="TryPassUnasked"/> has begun.</summary>
    /// <returns>ENOENT when the file has no mark.</returns>
    public Errno TryAskAgain(ContentDescriptor file) =>
        TryMark(MarkFlags.Remove | MarkFlags.Ignore, EventMask.Permission, file);

    /// <summary>As <see cref="TryAskAgain(ContentDescriptor)"/>; a mere place (O_PATH) will do.</summary>
    public Errno TryAskAgain(Descriptor place) =>
        ErrorOf(Native.fanotify_mark(
            this, MarkFlags.Remove | MarkFlags.Ignore, EventMask.Permission, place.Number, place.SelfPath.Terminated));

    /// <summary>Listens to one inode.</summary>
    /// <param name="mask">What to listen for.</param>
    /// <param name="evictable">Whether the kernel may drop the mark when it drops the inode from memory.</param>
    /// <param name="directory">What the path is relative to.</param>
    /// <param name="path">The object.</param>
    /// <exception cref="ErrnoException">The path does not resolve, or cannot be marked.</exception>
    internal void MarkInode(EventMask mask, bool evictable, Descriptor directory, BytePath path) =>
        Mark(MarkFlags.Add | (evictable ? MarkFlags.Evictable : 0), mask, directory, path);

    /// <summary>Ignores events on one inode until its content is modified in a way that the kernel notices.</summary>
    /// <exception cref="ErrnoException">The path does not resolve, or cannot be marked.</exception>
    internal void IgnoreInode(EventMask mask, Descriptor directory, BytePath path) =>
        Mark(MarkFlags.Add | MarkFlags.Evictable | (MarkFlags)Native.FAN_MARK_IGNORED_MASK, mask, directory, path);

    /// <summary>Stops listening to one inode. It lets opens through while an event on it is pending.</summary>
    /// <exception cref="ErrnoException">The path does not resolve, or has no mark.</exception>
    internal void UnmarkInode(EventMask mask, Descriptor directory, BytePath path) =>
        Mark(MarkFlags.Remove, mask, directory, path);

    /// <summary>Ignores events through one mount: the way in which the scanner's own opens stay silent.</summary>
    /// <exception cref="ErrnoException">The path does not resolve, or cannot be marked.</exception>
    public void IgnoreMount(EventMask mask, Descriptor directory, BytePath path) =>
        Mark(MarkFlags.Add | MarkFlags.Mount | MarkFlags.IgnoreSurvivingModify, mask, directory, path);

    /// <summary>Stops listening to all file systems of the group. Events already queued stay to be answered.</summary>
    /// <exception cref="ErrnoException">The group is closed.</exception>
    public void FlushFilesystems() => Flush(MarkFlags.Filesystem);

    /// <summary>Asks about all files again. Opens of a file that is being asked about just now may pass.</summary>
    /// <exception cref="ErrnoException">The group is closed.</exception>
    public void FlushInodes() => Flush(0);

    /// <summary>Whether the group listens to the file system that holds a path.</summary>
    /// <remarks>Taking off what no mark of ours has changes nothing, and fails where there is none.</remarks>
    public bool Marks(Descriptor directory, BytePath path) =>
        Native.fanotify_mark(
            this, MarkFlags.Remove | MarkFlags.Filesystem, EventMask.Modify, directory.Number, path.Terminated) == 0;

    /// <summary>
    /// Whether a file system marked by the group still exists: its mark goes with it (proc_pid_fdinfo(5)).
    /// </summary>
    /// <remarks>The kernel lists all marks for it: a million of inodes take it seconds, and 128 MB.</remarks>
    public bool HasFilesystemMarks() =>
        File.ReadLines($"/proc/self/fdinfo/{Number}").Any(
            line => line.StartsWith("fanotify sdev:", StringComparison.Ordinal));

    /// <summary>Reads one event straight into <paramref name="destination"/>; never waits.</summary>
    /// <returns>
    /// <see cref="Errno.None"/> when an event was read; EAGAIN when none is queued. Any other error, before Linux
    /// 6.13, stands for an event whose descriptor could not be opened and whose open the kernel has denied.
    /// </returns>
    public Errno TryRead(ref EventMetadata destination)
    {
        Span<EventMetadata> one = MemoryMarshal.CreateSpan(ref destination, 1);
        nint read = Native.read(Number, MemoryMarshal.AsBytes(one), EventMetadata.ByteCount);
        return read == EventMetadata.ByteCount ? Errno.None : (Errno)Marshal.GetLastPInvokeError();
    }

    /// <summary>Answers one event.</summary>
    /// <returns>ENOENT when the event is no longer waiting, because it was answered or its opener killed.</returns>
    public Errno Reply(FanotifyResponse response)
    {
        ReadOnlySpan<FanotifyResponse> one = new(in response);
        nint written = Native.write(Number, MemoryMarshal.AsBytes(one), 8);
        return written == 8 ? Errno.None : (Errno)Marshal.GetLastPInvokeError();
    }

    /// <summary>Answers many events, with one wake-up of the group's waiters for all of them.</summary>
    /// <remarks>
    /// A write(2) takes one response; writev(2) takes one for each vector and stops at the first that fails, so the
    /// rest is written again after it. A response fails only when its event is no longer waiting.
    /// </remarks>
    public unsafe void Reply(ReadOnlySpan<FanotifyResponse> responses)
    {
        Span<Native.IoVector> vectors = stackalloc Native.IoVector[Math.Min(responses.Length, MaxResponses)];
        while (responses.Length > 0)
        {
            int count = Math.Min(responses.Length, MaxResponses);
            nint written;
            fixed (FanotifyResponse* first = responses)
            {
                for (int i = 0; i < count; i++)
                {
                    vectors[i] = new Native.IoVector { Base = (nint)(first + i), Length = 8 };
                }

                written = Native.writev(Number, vectors, count);
            }

            int done = written > 0 ? (int)(written / 8) : 0;
            responses = responses[Math.Min(done < count ? done + 1 : done, responses.Length)..];
        }
    }

    internal void Mark(MarkFlags flags, EventMask mask, Descriptor directory, BytePath path)
    {
        if (Native.fanotify_mark(this, flags, mask, directory.Number, path.Terminated) < 0)
        {
            throw ErrnoException.Last(nameof(Native.fanotify_mark), path.ToString());
        }
    }

    private void Flush(MarkFlags kind)
    {
        if (Native.fanotify_mark(this, MarkFlags.Flush | kind, 0, Native.AT_FDCWD, "/\0"u8) < 0)
        {
            throw ErrnoException.Last(nameof(Native.fanotify_mark), "flush");
        }
    }

    private Errno TryMark(MarkFlags flags, EventMask mask, ContentDescriptor file) =>
        ErrorOf(Native.fanotify_mark(this, flags, mask, file.Number, 0));

    private static Errno ErrorOf(int result) => result == 0 ? Errno.None : (Errno)Marshal.GetLastPInvokeError();

    private static FanotifyGroup Init(InitFlags flags)
    {
        const InitFlags always = InitFlags.ClassContent | InitFlags.CloseOnExec | InitFlags.NonBlocking;
        const uint eventFlags = Native.O_LARGEFILE | Native.O_CLOEXEC | Native.O_NONBLOCK | Native.O_NOATIME;
        return new FanotifyGroup(Native.fanotify_init(always | flags, eventFlags));
    }

    private static partial class Native
    {
        internal const uint O_NONBLOCK = 0x800;
        internal const uint O_LARGEFILE = 0x8000;
        internal const uint O_NOATIME = 0x40000;
        internal const uint O_CLOEXEC = 0x80000;
        internal const uint FAN_MARK_IGNORED_MASK = 0x20;
        internal const int AT_FDCWD = -100;

        /// <summary>_IO('F', 0xF0), as proposed.</summary>
        internal const uint FAN_IOC_OPEN_QUEUE_FD = 0x46F0;

        internal struct IoVector
        {
            public nint Base;
            public nint Length;
        }

        [LibraryImport("libc", SetLastError = true)]
        internal static partial int fanotify_init(InitFlags flags, uint eventFlags);

        [LibraryImport("libc", SetLastError = true)]
        internal static partial int fanotify_mark(
            FanotifyGroup group, MarkFlags flags, EventMask mask, int directory, ReadOnlySpan<byte> path);

        [LibraryImport("libc", SetLastError = true)]
        internal static partial int fanotify_mark(
            FanotifyGroup group, MarkFlags flags, EventMask mask, int file, nint noPath);

        [LibraryImport("libc", SetLastError = true)]
        internal static partial int ioctl(FanotifyGroup group, uint request, nint nothing);

        [LibraryImport("libc", SetLastError = true)]
        internal static partial nint read(int fd, Span<byte> buffer, nint count);

        [LibraryImport("libc", SetLastError = true)]
        internal static partial nint write(int fd, ReadOnlySpan<byte> buffer, nint count);

        [LibraryImport("libc", SetLastError = true)]
        internal static partial nint writev(int fd, ReadOnlySpan<IoVector> vectors, int count);
    }
}
