using Scanner.Linux.Fanotify;
using Scanner.Linux.Probing;
using Scanner.Linux.Processes;
using Scanner.Testing;

namespace Scanner.Linux.Tests.Probing;

public sealed class SystemProbeTests
{
    [Fact(Timeout = 10_000)]
    public Task GivenRootOnThisKernel_WhenProbed_ThenNothingNeededIsMissing() => Blocking.Run(() =>
    {
        Requires.Root();

        IReadOnlyList<Finding> findings = SystemProbe.Run();

        Assert.DoesNotContain(findings, finding => finding.IsFatal);
        Assert.Equal(findings.Count, findings.Select(finding => finding.Name).Distinct().Count());
        Assert.All(findings, finding => Assert.False(
            string.IsNullOrWhiteSpace(finding.Value) || string.IsNullOrWhiteSpace(finding.Consequence)));
        Assert.All(
            ["permission events", "CAP_SYS_ADMIN", "CAP_LEASE", "pidfd", "read lease", "name_to_handle_at"],
            name => Assert.Equal(FindingStatus.Available, findings.Single(finding => finding.Name == name).Status));
    });

    [Fact(Timeout = 10_000)]
    public Task GivenAnUnprivilegedUser_WhenProbed_ThenEveryLackIsTold() => Blocking.Run(() =>
    {
        IReadOnlyList<Finding> findings =
            [.. CapabilityProbe.Run(new CapabilitySet(0)), .. ProcessProbe.Run(new CapabilitySet(0))];

        Assert.Equal(
            ["CAP_SYS_ADMIN", "private mount namespace"],
            findings.Where(finding => finding.IsFatal).Select(finding => finding.Name));
        Assert.Equal(6, findings.Count(finding => finding.Name.StartsWith("CAP_", StringComparison.Ordinal)
            && finding is { Status: FindingStatus.Missing, Value: "no" }));
    });

    [Theory(Timeout = 10_000)]
    [InlineData("6.18.44-arch1", FindingStatus.Available, false)]
    [InlineData("6.0", FindingStatus.Available, false)]
    [InlineData("10.1.2", FindingStatus.Available, false)]
    [InlineData("5.19.17-generic", FindingStatus.Missing, true)]
    [InlineData("plan9", FindingStatus.Unknown, false)]
    public Task GivenARelease_WhenJudged_ThenTheOldestUsableKernelIsSix(string release, FindingStatus status, bool fatal) => Blocking.Run(() =>
    {
        Finding finding = KernelProbe.Run(release);

        Assert.Equal((release, status, fatal), (finding.Value, finding.Status, finding.IsFatal));
    });

    [Fact(Timeout = 10_000)]
    public Task GivenSettings_WhenRead_ThenLeasesTurnedOffAndAbsentOnesAreMissing() => Blocking.Run(() =>
    {
        string root = Directory.CreateTempSubdirectory().FullName;
        try
        {
            Directory.CreateDirectory(Path.Combine(root, "fs"));
            File.WriteAllText(Path.Combine(root, "fs", "leases-enable"), "0\n");
            File.WriteAllText(Path.Combine(root, "fs", "lease-break-time"), "45\n");

            Dictionary<string, Finding> findings = SettingProbe.Run(root).ToDictionary(finding => finding.Name);

            Finding leases = findings["fs.leases-enable"];
            Assert.Equal(("0", FindingStatus.Missing), (leases.Value, leases.Status));
            Finding time = findings["fs.lease-break-time"];
            Assert.Equal(("45", FindingStatus.Available), (time.Value, time.Status));
            Assert.Equal(
                ("absent", FindingStatus.Missing, false),
                (findings["fs.fanotify.watchdog_timeout"].Value, findings["fs.fanotify.watchdog_timeout"].Status, findings["fs.fanotify.watchdog_timeout"].IsFatal));
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    });

    [Fact(Timeout = 10_000)]
    public Task GivenDescriptorErrorReports_WhenProbed_ThenTheKernelsVersionAgrees() => Blocking.Run(() =>
    {
        Requires.Root();
        Version kernel = Environment.OSVersion.Version;

        Assert.Equal(
            kernel >= new Version(6, 13) ? Errno.None : Errno.EINVAL, FanotifyGroup.ProbeReportDescriptorError());
    });

    [Fact(Timeout = 10_000)]
    public Task GivenNoReleasedKernelWithRestartableEvents_WhenProbed_ThenNoneIsFound() => Blocking.Run(() =>
    {
        Requires.Root();

        // Where this fails, the supervisor's recovery can be thought about anew.
        Assert.False(FanotifyGroup.HasRestartableEvents());
    });
}
