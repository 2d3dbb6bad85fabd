using System.Runtime.InteropServices;

namespace Scanner.Linux;

/// <summary>Waits until one of a few descriptors has something to say (epoll(7)).</summary>
public sealed partial class Poller : Descriptor
{
    private Poller(int number)
        : base(number)
    {
    }

    /// <exception cref="ErrnoException">No descriptor is left.</exception>
    public static Poller Create()
    {
        int number = Native.epoll_create1(Native.EPOLL_CLOEXEC);
        return number >= 0 ? new Poller(number) : throw ErrnoException.Last(nameof(Native.epoll_create1));
    }

    /// <summary>Waits for something to read.</summary>
    /// <param name="descriptor">What to wait on.</param>
    /// <param name="token">What <see cref="Wait"/> returns for it; positive.</param>
    /// <exception cref="ErrnoException">The descriptor cannot be waited on.</exception>
    public void Add(Descriptor descriptor, int token) => Add(descriptor, Native.EPOLLIN, token);

    /// <summary>
    /// As <see cref="Add(Descriptor, int)"/>; of all pollers that wait on the same descriptor in this way an event
    /// wakes one. Otherwise each event would wake every reader of a group, all but one of them for nothing.
    /// </summary>
    /// <exception cref="ErrnoException">The descriptor cannot be waited on.</exception>
    public void AddExclusive(Descriptor descriptor, int token) =>
        Add(descriptor, Native.EPOLLIN | Native.EPOLLEXCLUSIVE, token);

    /// <summary>Waits for an urgent condition: a mount table reports a change so.</summary>
    /// <exception cref="ErrnoException">The descriptor cannot be waited on.</exception>
    public void AddUrgent(Descriptor descriptor, int token) => Add(descriptor, Native.EPOLLPRI, token);

    /// <summary>
    /// As <see cref="Add(Descriptor, int)"/>; each post of a counter is seen once, so that it need not be taken.
    /// </summary>
    /// <exception cref="ErrnoException">The descriptor cannot be waited on.</exception>
    public void AddOnce(EventCounter counter, int token) =>
        Add(counter, Native.EPOLLIN | Native.EPOLLET, token);

    /// <summary>Stops waiting on a descriptor.</summary>
    public void Remove(Descriptor descriptor)
    {
        Native.EpollEvent none = default;
        _ = Native.epoll_ctl(this, Native.EPOLL_CTL_DEL, descriptor, ref none);
    }

    /// <summary>Waits for one of the descriptors.</summary>
    /// <param name="timeoutMilliseconds">Negative: for ever.</param>
    /// <returns>The token of one that is ready; 0 after the time-out.</returns>
    /// <remarks>A signal, and the runtime sends its threads some, does not end the waiting.</remarks>
    public int Wait(int timeoutMilliseconds)
    {
        long end = Clock.Now + (timeoutMilliseconds * Clock.NanosecondsPerMillisecond);
        int left = timeoutMilliseconds;
        while (true)
        {
            int count = Native.epoll_wait(Number, out Native.EpollEvent ready, 1, left);
            if (count == 1)
            {
                return (int)ready.Data;
            }

            if (count == 0 || Marshal.GetLastPInvokeError() != (int)Errno.EINTR)
            {
                return 0;
            }

            if (timeoutMilliseconds > 0)
            {
                left = (int)Math.Max(0, (end - Clock.Now) / Clock.NanosecondsPerMillisecond);
            }
        }
    }

    private void Add(Descriptor descriptor, uint events, int token)
    {
        Native.EpollEvent wanted = new() { Events = events, Data = (ulong)token };
        if (Native.epoll_ctl(this, Native.EPOLL_CTL_ADD, descriptor, ref wanted) < 0)
        {
            throw ErrnoException.Last(nameof(Native.epoll_ctl));
        }
    }

    private static partial class Native
    {
        internal const int EPOLL_CLOEXEC = 0x80000;
        internal const int EPOLL_CTL_ADD = 1;
        internal const int EPOLL_CTL_DEL = 2;
        internal const uint EPOLLIN = 1;
        internal const uint EPOLLPRI = 2;
        internal const uint EPOLLET = 1u << 31;
        internal const uint EPOLLEXCLUSIVE = 1u << 28;

        // Packed on x86-64, where the kernel keeps the layout of 32-bit processes.
        [StructLayout(LayoutKind.Sequential, Pack = 1)]
        internal struct EpollEvent
        {
            public uint Events;
            public ulong Data;
        }

        [LibraryImport("libc", SetLastError = true)]
        internal static partial int epoll_create1(int flags);

        [LibraryImport("libc", SetLastError = true)]
        internal static partial int epoll_ctl(
            Poller poller, int operation, Descriptor descriptor, ref EpollEvent change);

        [LibraryImport("libc", SetLastError = true)]
        internal static partial int epoll_wait(int poller, out EpollEvent ready, int capacity, int timeout);
    }
}
