using System.Buffers;
using System.Runtime.InteropServices;

namespace Scanner.Linux.Files;

/// <summary>
/// A copy of a file's content in anonymous memory that nobody can change any more, not even its owner
/// (memfd_create(2), F_ADD_SEALS of fcntl(2)). Whoever is given it reads just the bytes that were copied.
/// </summary>
/// <remarks>The memory is the process's own (tmpfs) until the last descriptor of it is closed.</remarks>
public sealed partial class SealedCopy : Descriptor
{
    private const int BufferLength = 128 * 1024;
    private const string Name = "scanner-copy";

    /// <summary>What the kernel takes: the flag against executing the copy is known from Linux 6.3 on.</summary>
    private static volatile uint s_flags = Native.MFD_CLOEXEC | Native.MFD_ALLOW_SEALING | Native.MFD_NOEXEC_SEAL;

    private SealedCopy(int number)
        : base(number)
    {
    }

    /// <summary>The bytes that were copied; the file may have had more or fewer at any moment.</summary>
    public long Size { get; private set; }

    /// <summary>Copies a file from its start to where it ends when the copy gets there.</summary>
    /// <remarks>
    /// A file that changes meanwhile gives a mixture of what it was and what it became; the copy is what was read. The
    /// file is read by position and never opened again, which would ask for permission.
    /// </remarks>
    /// <param name="source">The file; anything that pread(2) reads.</param>
    /// <param name="limit">The most bytes that are copied.</param>
    /// <param name="onChunk">
    /// Given the bytes of the copy, all of them, in order. What it was given is worthless if the copy fails.
    /// </param>
    /// <param name="copy">The copy, owned by the caller; <c>null</c> if it failed.</param>
    /// <returns>
    /// <see cref="Errno.EFBIG"/> if the file is larger than the limit, else why it cannot be read or no copy be made.
    /// </returns>
    public static Errno TryMake(
        ContentDescriptor source, long limit, Action<ReadOnlySpan<byte>> onChunk, out SealedCopy? copy)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(limit);
        copy = null;
        Errno error = TryCreate(out SealedCopy? made);
        if (made is null)
        {
            return error;
        }

        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferLength);
        try
        {
            error = made.TryFill(source, limit, onChunk, buffer);
            if (error == Errno.None)
            {
                error = made.TrySeal();
            }

            if (error == Errno.None)
            {
                copy = made;
            }

            return error;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
            if (copy is null)
            {
                made.Dispose();
            }
        }
    }

    private static Errno TryCreate(out SealedCopy? made)
    {
        made = null;
        int number = Native.memfd_create(Name, s_flags);
        if (number < 0 && (Errno)Marshal.GetLastPInvokeError() == Errno.EINVAL)
        {
            s_flags = Native.MFD_CLOEXEC | Native.MFD_ALLOW_SEALING;
            number = Native.memfd_create(Name, s_flags);
        }

        if (number < 0)
        {
            return (Errno)Marshal.GetLastPInvokeError();
        }

        made = new SealedCopy(number);
        return Errno.None;
    }

    private Errno TryFill(ContentDescriptor source, long limit, Action<ReadOnlySpan<byte>> onChunk, byte[] buffer)
    {
        while (true)
        {
            // One byte beyond the limit tells a file of just that size from a larger one.
            int wanted = (int)Math.Min(buffer.Length - 1, limit - Size) + 1;
            Errno error = source.TryRead(buffer.AsSpan(0, wanted), Size, out int count);
            if (error != Errno.None || count == 0)
            {
                return error;
            }

            if (count > limit - Size)
            {
                return Errno.EFBIG;
            }

            ReadOnlySpan<byte> chunk = buffer.AsSpan(0, count);
            error = TryAppend(chunk);
            if (error != Errno.None)
            {
                return error;
            }

            onChunk(chunk);
        }
    }

    /// <summary>By position, so that whoever gets the copy finds its file position at the start.</summary>
    private Errno TryAppend(ReadOnlySpan<byte> chunk)
    {
        while (!chunk.IsEmpty)
        {
            nint written = Native.pwrite(this, chunk, (nuint)chunk.Length, Size);
            if (written >= 0)
            {
                Size += written;
                chunk = chunk[(int)written..];
                continue;
            }

            Errno error = (Errno)Marshal.GetLastPInvokeError();
            if (error != Errno.EINTR)
            {
                return error;
            }
        }

        return Errno.None;
    }

    private Errno TrySeal()
    {
        const int seals = Native.F_SEAL_SEAL | Native.F_SEAL_SHRINK | Native.F_SEAL_GROW | Native.F_SEAL_WRITE;
        return Native.fcntl(this, Native.F_ADD_SEALS, seals) == 0
            ? Errno.None
            : (Errno)Marshal.GetLastPInvokeError();
    }

    private static partial class Native
    {
        internal const uint MFD_CLOEXEC = 1;
        internal const uint MFD_ALLOW_SEALING = 2;
        internal const uint MFD_NOEXEC_SEAL = 8;
        internal const int F_ADD_SEALS = 1033;
        internal const int F_SEAL_SEAL = 1;
        internal const int F_SEAL_SHRINK = 2;
        internal const int F_SEAL_GROW = 4;
        internal const int F_SEAL_WRITE = 8;

        [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
        internal static partial int memfd_create(string name, uint flags);

        [LibraryImport("libc", SetLastError = true)]
        internal static partial nint pwrite(Descriptor descriptor, ReadOnlySpan<byte> buffer, nuint count, long offset);

        [LibraryImport("libc", SetLastError = true)]
        internal static partial int fcntl(Descriptor descriptor, int command, int argument);
    }
}
