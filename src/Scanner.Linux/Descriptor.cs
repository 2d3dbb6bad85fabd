using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Scanner.Linux.Files;

namespace Scanner.Linux;

/// <summary>An owned file descriptor, closed when disposed. Close-on-exec unless said otherwise.</summary>
/// <remarks>
/// Event descriptors are not of this type: they belong to their slot, and no finalizer may close one.
/// </remarks>
public partial class Descriptor : SafeHandleMinusOneIsInvalid
{
    public Descriptor()
        : base(ownsHandle: true)
    {
    }

    internal Descriptor(int number)
        : base(ownsHandle: true) => SetHandle(number);

    /// <summary>Lends the descriptor for reading content; it must outlive the borrower.</summary>
    public ContentDescriptor Content => new(Number);

    /// <summary>
    /// A path that leads to just what the descriptor refers to, whatever has happened to its name: for calls that take
    /// a path but must act on what was looked at.
    /// </summary>
    public BytePath SelfPath => new($"/proc/self/fd/{Number}");

    internal int Number => (int)handle;

    /// <summary>Opens a file for reading (open(2), O_RDONLY).</summary>
    /// <exception cref="ErrnoException">The file cannot be opened.</exception>
    public static Descriptor OpenRead(string path) => Open(path, Native.O_RDONLY | Native.O_CLOEXEC);

    /// <summary>Refers to a place in the file tree without opening it (open(2), O_PATH): no permission event.</summary>
    /// <exception cref="ErrnoException">The path does not resolve.</exception>
    public static Descriptor OpenPath(string path) => Open(path, Native.O_PATH | Native.O_CLOEXEC);

    /// <summary>As <see cref="OpenPath(string)"/>, the path being relative to <paramref name="directory"/>.</summary>
    /// <exception cref="ErrnoException">The path does not resolve.</exception>
    public static Descriptor OpenPath(Descriptor directory, BytePath path) =>
        Open(directory, path, Native.O_PATH | Native.O_CLOEXEC);

    /// <summary>Opens for reading, the path being relative to <paramref name="directory"/> (openat(2)).</summary>
    /// <exception cref="ErrnoException">The file cannot be opened.</exception>
    public static Descriptor OpenRead(Descriptor directory, BytePath path) =>
        Open(directory, path, Native.O_RDONLY | Native.O_NONBLOCK | Native.O_CLOEXEC);

    /// <summary>Takes over a descriptor that the process was started with; it closes on the next execve(2).</summary>
    /// <exception cref="ErrnoException">EBADF when the number is not open.</exception>
    public static Descriptor Inherited(int number) => new(CloseOnExec(number));

    /// <summary>Whether a number is open in this process.</summary>
    public static bool IsOpen(int number) => Native.fcntl(number, Native.F_GETFD, 0) >= 0;

    /// <summary>
    /// Moves an open descriptor to <paramref name="target"/>, closing what was there; the old number is closed.
    /// </summary>
    /// <exception cref="ErrnoException">The number is beyond RLIMIT_NOFILE.</exception>
    public void MoveTo(int target)
    {
        if (target == Number)
        {
            return;
        }

        if (Native.dup3(Number, target, Native.O_CLOEXEC) < 0)
        {
            throw ErrnoException.Last(nameof(Native.dup3), $"onto {target}");
        }

        _ = Native.close(Number);
        SetHandle(target);
    }

    /// <summary>
    /// Takes over a descriptor that the process was started with, and gives it the lowest number that is free.
    /// </summary>
    /// <exception cref="ErrnoException">EBADF when the number is not open; no descriptor is left.</exception>
    public static Descriptor TakeOver(int number)
    {
        using Descriptor inherited = Inherited(number);
        return new Descriptor(inherited.DuplicateNumber());
    }

    /// <summary>Moves the descriptor to a number and leaves it open there, to whoever adopts it by its number.</summary>
    /// <exception cref="ErrnoException">The number is beyond RLIMIT_NOFILE.</exception>
    public void LeaveAt(int target)
    {
        MoveTo(target);
        SetHandleAsInvalid();
    }

    /// <summary>Lets the descriptor survive the next execve(2) of this process and of its children, or no more.</summary>
    /// <exception cref="ErrnoException">The descriptor is closed.</exception>
    public void KeepOnExec(bool isKept = true) => KeepOnExec(Number, isKept);

    /// <summary>As <see cref="KeepOnExec(bool)"/>, for one that is known by its number only.</summary>
    /// <exception cref="ErrnoException">EBADF when the number is not open.</exception>
    public static void KeepOnExec(int number, bool isKept)
    {
        if (Native.fcntl(number, Native.F_SETFD, isKept ? 0 : Native.FD_CLOEXEC) < 0)
        {
            throw ErrnoException.Last(nameof(Native.fcntl), $"descriptor {number}");
        }
    }

    /// <summary>
    /// Makes an inherited descriptor close-on-exec: it came through an execve(2), and would go on to every child.
    /// </summary>
    private protected static int CloseOnExec(int number)
    {
        KeepOnExec(number, isKept: false);
        return number;
    }

    /// <summary>Another descriptor of the same open file, close-on-exec.</summary>
    /// <exception cref="ErrnoException">No descriptor is left.</exception>
    private protected int DuplicateNumber() => DuplicateNumber(Number);

    /// <summary>Another descriptor of an open file that somebody else's code holds and will close.</summary>
    /// <exception cref="ErrnoException">No descriptor is left.</exception>
    internal static Descriptor CopyOf(int number) => new(DuplicateNumber(number));

    private static int DuplicateNumber(int number)
    {
        int copy = Native.fcntl(number, Native.F_DUPFD_CLOEXEC, 0);
        return copy >= 0 ? copy : throw ErrnoException.Last(nameof(Native.fcntl), $"descriptor {number}");
    }

    protected override bool ReleaseHandle() => Native.close((int)handle) == 0;

    private static Descriptor Open(string path, int flags)
    {
        int number = Native.open(path, flags, 0);
        return number >= 0 ? new Descriptor(number) : throw ErrnoException.Last(nameof(Native.open), path);
    }

    private static Descriptor Open(Descriptor directory, BytePath path, int flags)
    {
        int number = Native.openat(directory, path.Terminated, flags, 0);
        return number >= 0 ? new Descriptor(number) : throw ErrnoException.Last(nameof(Native.openat), path.ToString());
    }

    private static partial class Native
    {
        internal const int O_RDONLY = 0;
        internal const int O_NONBLOCK = 0x800;
        internal const int O_CLOEXEC = 0x80000;
        internal const int O_PATH = 0x200000;
        internal const int F_DUPFD_CLOEXEC = 1030;
        internal const int F_GETFD = 1;
        internal const int F_SETFD = 2;
        internal const int FD_CLOEXEC = 1;

        [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
        internal static partial int open(string path, int flags, uint mode);

        [LibraryImport("libc", SetLastError = true)]
        internal static partial int openat(Descriptor directory, ReadOnlySpan<byte> path, int flags, uint mode);

        [LibraryImport("libc", SetLastError = true)]
        internal static partial int dup3(int from, int to, int flags);

        [LibraryImport("libc", SetLastError = true)]
        internal static partial int fcntl(int fd, int command, int argument);

        [LibraryImport("libc", SetLastError = true)]
        internal static partial int close(int fd);
    }
}
