using System.Diagnostics;
using Scanner.Core.Caching;
using Scanner.Core.Listening;
using Scanner.Core.Tests.Fixtures;
using Scanner.Journal;
using Scanner.Linux;
using Scanner.Linux.Mounts;
using Scanner.Testing;

namespace Scanner.Core.Tests.Listening;

/// <summary>Images behind mounted file systems, and who opens them. Nothing is asked for permission.</summary>
[Collection(MarksCollection.Name)]
public sealed class BackingFilesTests : IDisposable
{
    private const int PromptMilliseconds = 500;

    private readonly Planned _planned = new();
    private readonly EventJournal _journal = EventJournal.Create(4);
    private readonly BackingFiles _backing;

    public BackingFilesTests() => _backing = new BackingFiles(_planned.Host, _planned.Devices, _journal);

    public void Dispose()
    {
        _backing.Dispose();
        _planned.Dispose();
    }

    [Theory(Timeout = 60_000)]
    [InlineData("ext4")]
    [InlineData("xfs")]
    [InlineData("btrfs")]
    public Task GivenAnImage_WhenNobodyButTheFileSystemUsesIt_ThenVersionsAreTrusted(string type) => Blocking.Run(() =>
    {
        using TestMount mount = TestMount.Create(type);
        FilesystemPlan plan = _backing.Follow(_planned.Plan(mount), isKnown: false);

        // Others' tools, our own reads, and what the loop driver writes and reads.
        Tool.Run("dd", "if=/dev/urandom", $"of={mount["file"]}", "bs=1M", "count=4", "conv=fsync", "status=none");
        Tool.Run("sync", "-f", mount.Root);
        Tool.Run("losetup", "-a");
        foreach (Disk loop in plan.LoopDevices)
        {
            // Of btrfs, those of others too: which one is whose cannot be told.
            Tool.Run("blkid", "-p", $"/dev/{loop.Name}");
        }

        using (TestMount another = TestMount.Create(type))
        using (Descriptor own = Descriptor.OpenRead(mount.Image))
        {
            Assert.Equal(Errno.None, own.Content.TryRead(new byte[512], 0, out _));
        }

        Thread.Sleep(PromptMilliseconds);
        Assert.Equal(VersionTrust.Version, plan.Cache.Trust);
    });

    [Theory(Timeout = 60_000)]
    [InlineData("open")]
    [InlineData("write")]
    [InlineData("link")]
    [InlineData("device")]
    public Task GivenAnImage_WhenAnotherProcessOpensIt_ThenVersionsAreNoLongerTrusted(string way) => Blocking.Run(() =>
    {
        using TestMount mount = TestMount.Ext4();
        FilesystemPlan plan = _backing.Follow(_planned.Plan(mount), isKnown: false);
        Assert.Equal(VersionTrust.Version, plan.Cache.Trust);

        string link = mount.Image + ".link";
        Tool.Run("ln", mount.Image, link);
        string device = $"/dev/{plan.LoopDevices.Single().Name}";
        switch (way)
        {
            case "open":
                Tool.Run("head", "-c", "1", mount.Image);
                break;
            default:
                string target = way == "device" ? device : way == "link" ? link : mount.Image;
                Tool.Run("dd", "if=/dev/zero", $"of={target}", "bs=512", "count=1", "conv=notrunc", "status=none");
                break;
        }

        AssertDistrusted(plan);
        Assert.Equal(VersionTrust.Content, _backing.Follow(_planned.Plan(mount), isKnown: true).Cache.Trust);
    });

    [Fact(Timeout = 60_000)]
    public Task GivenAnImageThatWasTouched_WhenItIsMountedAnew_ThenVersionsAreTrustedAgain() => Blocking.Run(() =>
    {
        using TestMount mount = TestMount.Ext4();
        FilesystemPlan first = _backing.Follow(_planned.Plan(mount), isKnown: false);
        Tool.Run("head", "-c", "1", mount.Image);
        AssertDistrusted(first);

        Tool.Run("umount", mount.Root);
        mount.Attach();
        FilesystemPlan second = _backing.Follow(_planned.Plan(mount), isKnown: false);

        Assert.Equal(VersionTrust.Version, second.Cache.Trust);
        Tool.Run("head", "-c", "1", mount.Image);
        AssertDistrusted(second);
    });

    [Fact(Timeout = 60_000)]
    public Task GivenAnImageThatWasTouched_WhenOnlyTheNameOfItsMountChanges_ThenItStaysSo() => Blocking.Run(() =>
    {
        using TestMount mount = TestMount.Ext4();
        string second = mount.Bind();
        FilesystemPlan plan = _backing.Follow(_planned.Plan("ext4", mount.Root, second), isKnown: false);
        Tool.Run("head", "-c", "1", mount.Image);
        AssertDistrusted(plan);

        Tool.Run("umount", mount.Root);
        FilesystemPlan renamed = _backing.Follow(_planned.Plan("ext4", second), isKnown: true);

        Assert.NotEqual(plan.Cache.Identity, renamed.Cache.Identity);
        Assert.Equal(VersionTrust.Content, renamed.Cache.Trust);
    });

    [Fact(Timeout = 60_000)]
    public Task GivenAnEarlierWorkersFileSystem_WhenFollowed_ThenVersionsAreNotTrusted() => Blocking.Run(() =>
    {
        using TestMount mount = TestMount.Ext4();

        Assert.Equal(VersionTrust.Content, _backing.Follow(_planned.Plan(mount), isKnown: true).Cache.Trust);
    });

    [Fact(Timeout = 60_000)]
    public Task GivenAFileSystemThatIsLeft_WhenTheSameMountComesBack_ThenVersionsAreNotTrusted() => Blocking.Run(() =>
    {
        using TestMount mount = TestMount.Ext4();
        FilesystemPlan plan = _backing.Follow(_planned.Plan(mount), isKnown: false);

        _backing.Leave(plan.Key);

        Assert.Equal(VersionTrust.Content, plan.Cache.Trust);
        Assert.Equal(VersionTrust.Content, _backing.Follow(_planned.Plan(mount), isKnown: false).Cache.Trust);
    });

    [Theory(Timeout = 60_000)]
    [InlineData("<>", VersionTrust.Content)]
    [InlineData("<", VersionTrust.Version)]
    public Task GivenAProcessThatHasTheImageOpen_WhenFollowed_ThenOnlyAWriterCounts(
        string redirection, object trust) => Blocking.Run(() =>
    {
        using TestMount mount = TestMount.Ext4();
        using Process opener = Process.Start(new ProcessStartInfo(
            "sh", ["-c", $"exec 3{redirection}\"$0\"; echo; exec sleep 30", mount.Image])
        {
            RedirectStandardOutput = true,
        })!;
        try
        {
            _ = opener.StandardOutput.ReadLine();

            Assert.Equal((VersionTrust)trust, _backing.Follow(_planned.Plan(mount), isKnown: false).Cache.Trust);
        }
        finally
        {
            opener.Kill();
            opener.WaitForExit();
        }
    });

    [Fact(Timeout = 60_000)]
    public Task GivenAnImageWhosePathIsGone_WhenFollowed_ThenVersionsAreNotTrusted() => Blocking.Run(() =>
    {
        using TestMount mount = TestMount.Ext4();
        File.Delete(mount.Image);
        File.WriteAllText(mount.Image, "another file");

        Assert.Equal(VersionTrust.Content, _backing.Follow(_planned.Plan(mount), isKnown: false).Cache.Trust);
    });

    [Fact(Timeout = 60_000)]
    public Task GivenAnImageOnAnImage_WhenTheLowerOneIsOpened_ThenVersionsAreNoLongerTrusted() => Blocking.Run(() =>
    {
        using TestMount lower = TestMount.Create("xfs");
        string image = lower["upper.img"];
        Tool.Run("truncate", "-s", "32M", image);
        Tool.Run("mkfs.ext4", "-q", image);
        string point = Directory.CreateDirectory(lower["point"]).FullName;
        Tool.Run("mount", "-o", "loop", image, point);
        try
        {
            FilesystemPlan plan = _backing.Follow(_planned.Plan("ext4", point), isKnown: false);
            Assert.Equal(VersionTrust.Version, plan.Cache.Trust);

            Tool.Run("head", "-c", "1", lower.Image);

            AssertDistrusted(plan);
        }
        finally
        {
            Mount.Detach(new BytePath(point));
        }
    });

    private static void AssertDistrusted(FilesystemPlan plan)
    {
        Assert.True(SpinWait.SpinUntil(() => plan.Cache.Trust == VersionTrust.Content, PromptMilliseconds));
        Assert.Equal(plan.Rule.Identity, plan.Cache.Identity);
    }
}
