using System.Globalization;
using Scanner.Linux.Processes;
using Scanner.Testing;

namespace Scanner.Linux.Tests.Processes;

public sealed class OwnProcessTests
{
    [Fact(Timeout = 5_000)]
    public Task GivenTheDescriptorLimit_WhenLowered_ThenTheKernelHasIt() => Blocking.Run(() =>
    {
        (long soft, long hard) = OwnProcess.DescriptorLimit;
        Assert.Contains($" {soft} ", LimitLine(), StringComparison.Ordinal);

        // The runtime raises the soft limit to the hard one at its start, so only downwards is certain to work.
        OwnProcess.DescriptorLimit = (soft - 1, hard);
        try
        {
            Assert.Equal((soft - 1, hard), OwnProcess.DescriptorLimit);
            Assert.Contains($" {soft - 1} ", LimitLine(), StringComparison.Ordinal);
        }
        finally
        {
            OwnProcess.DescriptorLimit = (soft, hard);
        }
    });

    [Fact(Timeout = 5_000)]
    public Task GivenALimitAboveTheHardOne_WhenSet_ThenTheErrorNamesIt() => Blocking.Run(() =>
    {
        (_, long hard) = OwnProcess.DescriptorLimit;

        ErrnoException error = Assert.Throws<ErrnoException>(() => OwnProcess.DescriptorLimit = (hard + 1, hard));

        Assert.Equal(("setrlimit", "RLIMIT_NOFILE", Errno.EINVAL), (error.Call, error.Subject, error.Errno));
    });

    [Fact(Timeout = 5_000)]
    public Task GivenThisProcess_WhenAskedForItsParent_ThenItIsTheOneThatProcShows() => Blocking.Run(() =>
        Assert.Equal(
            File.ReadAllText("/proc/self/stat").Split(") ")[^1].Split(' ')[1], OwnProcess.ParentId.ToString()));

    [Fact(Timeout = 5_000)]
    public Task GivenAThread_WhenItsPriorityIsRaised_ThenOnlyItsOwnChanges() => Blocking.Run(() =>
    {
        Errno error = OwnProcess.TrySetThreadPriority(1);

        Assert.Equal(Errno.None, error);
        Assert.Equal("1", File.ReadAllText("/proc/thread-self/stat").Split(") ")[^1].Split(' ')[16]);
        Assert.NotEqual("1", File.ReadAllText("/proc/self/stat").Split(") ")[^1].Split(' ')[16]);
    });

    [Fact(Timeout = 5_000)]
    public Task GivenAMissingProgram_WhenReplacedByIt_ThenTheErrorNamesIt() => Blocking.Run(() =>
        Assert.Equal(
            "execve /nonexistent: No such file or directory (ENOENT)",
            Assert.Throws<ErrnoException>(() => OwnProcess.Replace("/nonexistent", ["x"], [])).Message));

    [Fact(Timeout = 5_000)]
    public Task GivenThisProcess_WhenAskedForItsProgram_ThenItIsTheOneThatRuns() => Blocking.Run(() =>
    {
        Assert.Equal(Environment.ProcessPath, ProcessImage.Executable(Environment.ProcessId));
        Assert.Null(ProcessImage.Executable(0));
        Assert.Null(ProcessImage.Executable(int.MaxValue));
    });

    [Fact(Timeout = 5_000)]
    public Task GivenRoot_WhenAskedForCapabilities_ThenTheyAreThere() => Blocking.Run(() =>
    {
        Requires.Root();
        Assert.True(CapabilitySet.Effective.Has(Capability.SysAdmin));
        Assert.False(new CapabilitySet(1UL << 21).Has(Capability.Lease));
        Assert.True(new CapabilitySet(1UL << 28).Has(Capability.Lease));
    });

    [Fact(Timeout = 5_000)]
    public Task GivenRoot_WhenTheOutOfMemoryAdjustmentIsSet_ThenTheKernelHasIt() => Blocking.Run(() =>
    {
        Requires.Root();
        int before = int.Parse(File.ReadAllText("/proc/self/oom_score_adj"), CultureInfo.InvariantCulture);
        try
        {
            Assert.True(OwnProcess.TrySetOutOfMemoryAdjustment(77));
            Assert.Equal("77\n", File.ReadAllText("/proc/self/oom_score_adj"));
            Assert.False(OwnProcess.TrySetOutOfMemoryAdjustment(1001));
        }
        finally
        {
            Assert.True(OwnProcess.TrySetOutOfMemoryAdjustment(before));
        }
    });

    private static string LimitLine() =>
        File.ReadLines("/proc/self/limits").First(line => line.StartsWith("Max open files", StringComparison.Ordinal));
}
