using System.Runtime.InteropServices;

namespace Scanner.Linux;

/// <summary>
/// CLOCK_MONOTONIC in nanoseconds: the same number in every process, not set back, still during suspend.
/// </summary>
/// <remarks>
/// <see cref="System.Diagnostics.Stopwatch"/> reads the same clock, but its unit is the runtime's affair; what two
/// processes compare in shared memory must not depend on it.
/// </remarks>
public static partial class Clock
{
    public const long NanosecondsPerMillisecond = 1_000_000;

    public static long Now
    {
        get
        {
            Native.clock_gettime(Native.CLOCK_MONOTONIC, out Native.Timespec now);
            return (now.Seconds * 1_000_000_000) + now.Nanoseconds;
        }
    }

    /// <summary>A wall-clock time in the unit of a file's times: nanoseconds since 1970.</summary>
    public static long OfFiles(DateTimeOffset time) =>
        (time - DateTimeOffset.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick;

    private static partial class Native
    {
        internal const int CLOCK_MONOTONIC = 1;

        [StructLayout(LayoutKind.Sequential)]
        internal struct Timespec
        {
            public long Seconds;
            public long Nanoseconds;
        }

        // Answered in the vDSO within 30 ns and never blocking, so the transition would cost more than the call.
        [LibraryImport("libc")]
        [SuppressGCTransition]
        internal static partial int clock_gettime(int clock, out Timespec time);
    }
}
