using System.Runtime.InteropServices;

namespace Scanner.Linux.Files;

/// <summary>
/// What finds a file again without a path or an open descriptor (struct file_handle, at most 136 bytes).
/// </summary>
/// <remarks>
/// It holds the inode and its generation, so a reused inode number does not match. Overlayfs without
/// <c>nfs_export</c> has none. The handle's type and its opaque bytes
/// fill the rest of the struct; only the kernel reads them.
/// </remarks>
[StructLayout(LayoutKind.Explicit, Size = ByteCount)]
public partial struct FileHandle
{
    public const int ByteCount = HeaderBytes + MaxHandleBytes;

    private const int HeaderBytes = 8;
    private const int MaxHandleBytes = 128;

    /// <summary>FILEID_INO32_GEN, as ext2, ext3 and ext4 have it: the inode's number, then its generation.</summary>
    private const int NumberAndGeneration = 1;

    [FieldOffset(0)]
    private uint _handleBytes;

    [FieldOffset(4)]
    private readonly int _type;

    [FieldOffset(12)]
    private uint _generation;

    /// <summary>Whether there is a handle.</summary>
    public readonly bool IsEmpty => _handleBytes == 0;

    /// <summary>Opens the file again, read only and non-blocking (open_by_handle_at(2)).</summary>
    /// <param name="mount">An open descriptor (not O_PATH) of anything on the same file system.</param>
    /// <param name="descriptor">The new descriptor; the caller owns it.</param>
    /// <returns>ESTALE when the file is gone; EPERM without CAP_DAC_READ_SEARCH.</returns>
    /// <remarks>An open like any other: it asks, unless made through a mount that the group ignores.</remarks>
    public readonly Errno TryOpen(Descriptor mount, out Descriptor? descriptor) =>
        TryOpen(
            mount, Native.O_CLOEXEC | Native.O_NONBLOCK | Native.O_LARGEFILE | Native.O_NOATIME, out descriptor);

    /// <summary>
    /// Refers to the file without opening it (O_PATH): it asks nobody, and leaves a lease on the file as it is.
    /// </summary>
    /// <inheritdoc cref="TryOpen(Descriptor, out Descriptor?)"/>
    public readonly Errno TryFind(Descriptor mount, out Descriptor? descriptor) =>
        TryOpen(mount, Native.O_CLOEXEC | Native.O_PATH, out descriptor);

    /// <summary>
    /// Has the handle find whatever file has the inode's number, where its owner can change the generation
    /// (FS_IOC_SETVERSION, on ext4 without metadata checksums): there the kernel takes 0 for any.
    /// </summary>
    /// <returns><c>false</c> where handles do not look like that.</returns>
    public bool TryForgetGeneration()
    {
        if (_type != NumberAndGeneration || _handleBytes != 2 * sizeof(uint))
        {
            return false;
        }

        _generation = 0;
        return true;
    }

    public void Clear() => _handleBytes = 0;

    /// <summary>Takes the handle that stands at the beginning of some bytes.</summary>
    /// <returns><c>false</c> if none does.</returns>
    internal bool TryCopy(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < HeaderBytes
            || MemoryMarshal.Read<uint>(bytes) is not (> 0 and <= MaxHandleBytes and uint length)
            || bytes.Length < HeaderBytes + length)
        {
            return false;
        }

        bytes[..(HeaderBytes + (int)length)].CopyTo(
            MemoryMarshal.AsBytes(MemoryMarshal.CreateSpan(ref this, 1)));
        return true;
    }

    internal static Errno TryEncode(int number, ref FileHandle handle)
    {
        handle._handleBytes = MaxHandleBytes;
        if (Native.name_to_handle_at(number, "\0"u8, ref handle, out _, Native.AT_EMPTY_PATH) == 0)
        {
            return Errno.None;
        }

        Errno error = (Errno)Marshal.GetLastPInvokeError();
        handle._handleBytes = 0;
        return error;
    }

    private readonly Errno TryOpen(Descriptor mount, int flags, out Descriptor? descriptor)
    {
        int number = Native.open_by_handle_at(mount, in this, flags);
        descriptor = number >= 0 ? new Descriptor(number) : null;
        return number >= 0 ? Errno.None : (Errno)Marshal.GetLastPInvokeError();
    }

    private static partial class Native
    {
        internal const int AT_EMPTY_PATH = 0x1000;
        internal const int O_NONBLOCK = 0x800;
        internal const int O_LARGEFILE = 0x8000;
        internal const int O_NOATIME = 0x40000;
        internal const int O_CLOEXEC = 0x80000;
        internal const int O_PATH = 0x200000;

        [LibraryImport("libc", SetLastError = true)]
        internal static partial int name_to_handle_at(
            int directory, ReadOnlySpan<byte> path, ref FileHandle handle, out int mountId, int flags);

        [LibraryImport("libc", SetLastError = true)]
        internal static partial int open_by_handle_at(Descriptor mount, in FileHandle handle, int flags);
    }
}
