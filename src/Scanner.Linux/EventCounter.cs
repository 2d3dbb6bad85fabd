using System.Runtime.InteropServices;

namespace Scanner.Linux;

/// <summary>A counter that can be waited on together with other descriptors (eventfd(2)).</summary>
/// <remarks>
/// Posting neither allocates nor takes a lock that a waiting thread could hold, so a reader thread may post; and in
/// contrast to the framework's semaphores it can be polled.
/// </remarks>
public sealed partial class EventCounter : Descriptor
{
    private EventCounter(int number)
        : base(number)
    {
    }

    /// <summary>Each <see cref="Take"/> takes one; it waits while the count is zero.</summary>
    /// <exception cref="ErrnoException">No descriptor is left.</exception>
    public static EventCounter CreateSemaphore() => Create(Native.EFD_CLOEXEC | Native.EFD_SEMAPHORE);

    /// <summary>A flag that stays raised for every poller once posted.</summary>
    /// <exception cref="ErrnoException">No descriptor is left.</exception>
    public static EventCounter CreateFlag() => Create(Native.EFD_CLOEXEC);

    /// <summary>Adds to the count.</summary>
    /// <remarks>Nobody waits on a counter that is closed.</remarks>
    public void Post(ulong count = 1)
    {
        if (!IsClosed)
        {
            _ = Native.write(this, in count, sizeof(ulong));
        }
    }

    /// <summary>Takes from the count, waiting for it to be positive.</summary>
    public void Take()
    {
        while (Native.read(this, out _, sizeof(ulong)) < 0 && Marshal.GetLastPInvokeError() == (int)Errno.EINTR)
        {
            // A signal is no count.
        }
    }

    private static EventCounter Create(int flags)
    {
        int number = Native.eventfd(0, flags);
        return number >= 0 ? new EventCounter(number) : throw ErrnoException.Last(nameof(Native.eventfd));
    }

    private static partial class Native
    {
        internal const int EFD_SEMAPHORE = 1;
        internal const int EFD_CLOEXEC = 0x80000;

        [LibraryImport("libc", SetLastError = true)]
        internal static partial int eventfd(uint initial, int flags);

        [LibraryImport("libc", SetLastError = true)]
        internal static partial nint read(EventCounter counter, out ulong count, nint size);

        [LibraryImport("libc", SetLastError = true)]
        internal static partial nint write(EventCounter counter, in ulong count, nint size);
    }
}
