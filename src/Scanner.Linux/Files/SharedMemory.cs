using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Scanner.Linux.Files;

/// <summary>Anonymous memory that two processes share through a descriptor (memfd_create(2), mmap(2)).</summary>
/// <remarks>Never unmapped: references into it are handed out, and it lives as long as the process.</remarks>
public sealed unsafe partial class SharedMemory
{
    private readonly byte* _start;

    private SharedMemory(Descriptor descriptor, byte* start, long length)
    {
        Descriptor = descriptor;
        _start = start;
        Length = length;
    }

    /// <summary>What another process maps the same memory by.</summary>
    public Descriptor Descriptor { get; }

    /// <summary>Bytes.</summary>
    public long Length { get; }

    /// <summary>Makes zeroed memory; pages are not backed until they are touched.</summary>
    /// <exception cref="ErrnoException">No memory or no descriptor is left.</exception>
    public static SharedMemory Create(string name, long length)
    {
        int number = Native.memfd_create(name, Native.MFD_CLOEXEC);
        if (number < 0)
        {
            throw ErrnoException.Last(nameof(Native.memfd_create), name);
        }

        Descriptor descriptor = new(number);
        return Native.ftruncate(descriptor, length) == 0
            ? Map(descriptor, length)
            : throw ErrnoException.Last(nameof(Native.ftruncate), name);
    }

    /// <summary>Maps memory that another process made; owns the descriptor from here on.</summary>
    /// <exception cref="ErrnoException">The descriptor is not of mappable memory.</exception>
    public static SharedMemory Open(Descriptor descriptor)
    {
        long length = Native.lseek(descriptor, 0, Native.SEEK_END);
        return length >= 0 ? Map(descriptor, length) : throw ErrnoException.Last(nameof(Native.lseek));
    }

    /// <summary>A reference to a <typeparamref name="T"/> at a byte offset.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It would not lie wholly inside the memory.</exception>
    public ref T At<T>(long offset)
        where T : unmanaged
    {
        if (offset < 0 || offset > Length - sizeof(T))
        {
            throw new ArgumentOutOfRangeException(nameof(offset));
        }

        return ref Unsafe.AsRef<T>(_start + offset);
    }

    private static SharedMemory Map(Descriptor descriptor, long length)
    {
        nint start = Native.mmap(
            0, (nuint)length, Native.PROT_READ | Native.PROT_WRITE, Native.MAP_SHARED, descriptor, 0);
        return start != -1
            ? new SharedMemory(descriptor, (byte*)start, length)
            : throw ErrnoException.Last(nameof(Native.mmap));
    }

    private static partial class Native
    {
        internal const uint MFD_CLOEXEC = 1;
        internal const int SEEK_END = 2;
        internal const int PROT_READ = 1;
        internal const int PROT_WRITE = 2;
        internal const int MAP_SHARED = 1;

        [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
        internal static partial int memfd_create(string name, uint flags);

        [LibraryImport("libc", SetLastError = true)]
        internal static partial int ftruncate(Descriptor descriptor, long length);

        [LibraryImport("libc", SetLastError = true)]
        internal static partial long lseek(Descriptor descriptor, long offset, int whence);

        [LibraryImport("libc", SetLastError = true)]
        internal static partial nint mmap(
            nint address, nuint length, int protection, int flags, Descriptor descriptor, long offset);
    }
}
