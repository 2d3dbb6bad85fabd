using System.Globalization;

namespace Scanner.Benchmarks.Processes;

/// <summary>The time that the threads of some processes have spent on a CPU up to now.</summary>
/// <remarks>
/// From <c>/proc/PID/task/TID/schedstat</c>, which counts nanoseconds; <c>/proc/PID/schedstat</c> is the first thread
/// alone. The time of a thread that ends between two readings is lost.
/// </remarks>
internal sealed class CpuTime
{
    private readonly Dictionary<(int Process, int Thread), long> _nanoseconds = [];

    private CpuTime()
    {
    }

    public static CpuTime Of(IEnumerable<int> processes)
    {
        CpuTime time = new();
        foreach (int process in processes)
        {
            foreach (int thread in ProcessTree.ThreadsOf(process))
            {
                string line = ProcessTree.Read($"/proc/{process}/task/{thread}/schedstat");
                if (line.Length > 0)
                {
                    time._nanoseconds[(process, thread)] = long.Parse(line.Split(' ')[0], CultureInfo.InvariantCulture);
                }
            }
        }

        return time;
    }

    /// <summary>The time spent since an earlier reading.</summary>
    public TimeSpan Since(CpuTime earlier) =>
        TimeSpan.FromMicroseconds(
            _nanoseconds.Sum(thread => thread.Value - earlier._nanoseconds.GetValueOrDefault(thread.Key)) / 1e3);
}
