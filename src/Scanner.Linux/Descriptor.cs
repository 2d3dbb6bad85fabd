using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Scanner.Linux.Files;

namespace Scanner.Linux;

/// <summary>An owned file descriptor, closed when disposed. Always close-on-exec unless said otherwise.</summary>
/// <remarks>Event descriptors are not of this type: they belong to their slot, and no finalizer may close one.</remarks>
public sealed partial class Descriptor : SafeHandleMinusOneIsInvalid
{
    public Descriptor()
        : base(ownsHandle: true)
    {
    }

    internal Descriptor(int number)
        : base(ownsHandle: true) => SetHandle(number);

    internal int Number => (int)handle;

    /// <summary>Lends the descriptor for reading content; it must outlive the borrower.</summary>
    public ContentDescriptor Content => new(Number);

    /// <summary>Opens a file for reading (open(2), O_RDONLY).</summary>
    /// <exception cref="ErrnoException">The file cannot be opened.</exception>
    public static Descriptor OpenRead(string path)
    {
        int number = Native.open(path, Native.O_RDONLY | Native.O_CLOEXEC, 0);
        return number >= 0 ? new Descriptor(number) : throw ErrnoException.Last(nameof(Native.open), path);
    }

    protected override bool ReleaseHandle() => Native.close((int)handle) == 0;

    private static partial class Native
    {
        internal const int O_RDONLY = 0;
        internal const int O_CLOEXEC = 0x80000;

        [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
        internal static partial int open(string path, int flags, uint mode);

        [LibraryImport("libc", SetLastError = true)]
        internal static partial int close(int fd);
    }
}
