using System.Globalization;

namespace Scanner.Benchmarks.Reporting;

/// <summary>Where it was measured.</summary>
/// <param name="Kernel">The kernel's release.</param>
/// <param name="Cpus">CPUs that the benchmark may use.</param>
/// <param name="PinnedCpu">The one that pinned cells use.</param>
/// <param name="LoadBefore">The load average over one minute, before anything was measured.</param>
internal sealed record Machine(string Kernel, int Cpus, int PinnedCpu, double LoadBefore)
{
    public static Machine Here(int pinnedCpu) => new(
        File.ReadAllText("/proc/sys/kernel/osrelease").Trim(),
        Environment.ProcessorCount,
        pinnedCpu,
        double.Parse(File.ReadAllText("/proc/loadavg").Split(' ')[0], CultureInfo.InvariantCulture));
}
