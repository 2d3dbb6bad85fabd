namespace Scanner.Benchmarks.Reporting;

/// <summary>Where it was measured.</summary>
internal sealed record Machine(string Kernel, int Cpus, int PinnedCpu)
{
    public static Machine Here(int pinnedCpu) =>
        new(File.ReadAllText("/proc/sys/kernel/osrelease").Trim(), Environment.ProcessorCount, pinnedCpu);
}
