using System.Runtime.InteropServices;
using Scanner.Core.Caching;
using Scanner.Core.Listening;
using Scanner.Core.Policy;
using Scanner.Core.Scanning;
using Scanner.Core.Tests.Fixtures;
using Scanner.Journal;
using Scanner.Linux;
using Scanner.Linux.Fanotify;
using Scanner.Linux.Files;
using Scanner.Testing;

namespace Scanner.Core.Tests.Listening;

/// <summary>Which leases the worker offers. The files are not watched, so the test may open them itself.</summary>
[Collection(MarksCollection.Name)]
public sealed class LeaseOffersTests : IDisposable
{
    private const long LeaseTime = 30_000 * Clock.NanosecondsPerMillisecond;
    private const int Generation = 7;

    private static readonly CacheRule s_rule = new(VersionTrust.Version, Identity: 1, IsFixed: false);

    private readonly EpochEngine _engine = new();
    private readonly Rooms _rooms;
    private readonly string _directory = Directory.CreateTempSubdirectory("scanner-offers-").FullName;

    public LeaseOffersTests()
    {
        _rooms = new Rooms(slots: 4, _engine);
        _rooms.Journal.Header.Leases.Room = 1;
        _rooms.Journal.Header.Leases.Time = LeaseTime;
        _rooms.Journal.Group(0).Generation = Generation;
    }

    private LeaseOffers Offers => _rooms.Tools.Leases;

    public void Dispose()
    {
        Directory.Delete(_directory, recursive: true);
        _rooms.Dispose();
    }

    [Fact(Timeout = 10_000)]
    public Task GivenAFileThatUsersCanWrite_WhenItIsOpenedASecondTime_ThenALeaseIsWorthKeeping()
    {
        using WatchedGroup group = Group();
        FileStatus one = Write("one");
        FileStatus other = Write("other");

        Assert.False(Offers.NoteOpen(group, one));
        Assert.False(Offers.NoteOpen(group, other));
        Assert.True(Offers.NoteOpen(group, one));
        Assert.True(Offers.NoteOpen(group, one));
        return Task.CompletedTask;
    }

    [Fact(Timeout = 10_000)]
    public Task GivenNoRoom_WhenAFileIsOpenedAgain_ThenNoLeaseIsWorthKeeping()
    {
        using WatchedGroup group = Group();
        FileStatus file = Write("file");
        Offers.NoteOpen(group, file);

        _rooms.Journal.Header.Leases.Room = 0;

        Assert.False(Offers.NoteOpen(group, file));
        return Task.CompletedTask;
    }

    [Fact(Timeout = 10_000)]
    public Task GivenAFileThatOnlyRootCanWrite_WhenItIsOpenedAgain_ThenNoLeaseIsWorthKeeping() =>
        AssertNeverWorthKeeping(Group(), Write("file", (UnixFileMode)0b110_100_100));

    [Fact(Timeout = 10_000)]
    public Task GivenADiskThatMayBeTakenAway_WhenAFileIsOpenedAgain_ThenNoLeaseIsWorthKeeping() =>
        AssertNeverWorthKeeping(Group(mayKeep: false), Write("file"));

    [Fact(Timeout = 10_000)]
    public Task GivenAFileSystemMountedLater_WhenAFileIsOpenedAgain_ThenNoLeaseIsWorthKeeping()
    {
        using TestMount later = TestMount.Tmpfs();
        later.Write("file", "content");
        File.SetUnixFileMode(later["file"], (UnixFileMode)0b110_110_110);
        using Descriptor file = Descriptor.OpenRead(later["file"]);

        return AssertNeverWorthKeeping(Group(), FileStatus.Of(file));
    }

    [Fact(Timeout = 10_000)]
    public Task GivenALeaseThatWasBrokenLately_WhenTheFileIsOpenedAgain_ThenItIsLeftAlone()
    {
        FileStatus file = Write("file");
        _rooms.Journal.BrokenLeases.Note(file.Device, file.Inode, Clock.Now - (9 * LeaseTime));

        return AssertNeverWorthKeeping(Group(), file);
    }

    [Fact(Timeout = 10_000)]
    public Task GivenALeaseThatWasBrokenLongAgo_WhenTheFileIsOpenedAgain_ThenOneIsWorthKeeping()
    {
        using WatchedGroup group = Group();
        FileStatus file = Write("file");
        _rooms.Journal.BrokenLeases.Note(file.Device, file.Inode, Clock.Now - (11 * LeaseTime));

        Assert.False(Offers.NoteOpen(group, file));
        Assert.True(Offers.NoteOpen(group, file));
        return Task.CompletedTask;
    }

    [Fact(Timeout = 10_000)]
    public Task GivenAKnownFile_WhenItsLeaseIsOffered_ThenTheMessageSaysWhichFileOfWhichGroup()
    {
        using WatchedGroup group = Group();
        FileStatus status = Write("file");
        Keep(status);

        Assert.Equal(new LeaseOffer(0, Generation, 42, status), Offer(group, status));

        Assert.True(_rooms.Journal.Group(0).HasMarks);
        Assert.Equal((1, 0), (Offers.Sent, Offers.Unsent));
        return Task.CompletedTask;
    }

    [Fact(Timeout = 10_000)]
    public Task GivenNewSignatures_WhenALeaseIsOffered_ThenItIsNot()
    {
        using WatchedGroup group = Group();
        FileStatus status = Write("file");
        Keep(status);

        _engine.Epoch = new EngineEpoch("2", IsSettled: true);

        Assert.Null(Offer(group, status));
        return Task.CompletedTask;
    }

    [Fact(Timeout = 10_000)]
    public Task GivenAFileThatWasForgottenMeanwhile_WhenItsLeaseIsOffered_ThenItIsNot()
    {
        using WatchedGroup group = Group();
        FileStatus status = Write("file");
        Keep(status);

        _rooms.Known.Forget(FileIdentity.Of(s_rule.Identity, status));

        Assert.Null(Offer(group, status));
        return Task.CompletedTask;
    }

    [Fact(Timeout = 10_000)]
    public Task GivenAFileSystemWhoseVersionsAreNotBelievedAnyMore_WhenALeaseIsOffered_ThenItIsNot()
    {
        using WatchedGroup group = Group();
        FileStatus status = Write("file");
        Keep(status);

        group.Plan = group.Plan with { Rule = s_rule with { Trust = VersionTrust.Content } };

        Assert.Null(Offer(group, status));
        return Task.CompletedTask;
    }

    [Fact(Timeout = 10_000)]
    public Task GivenASupervisorThatDoesNotKeepUp_WhenLeasesAreOffered_ThenNobodyWaits()
    {
        using WatchedGroup group = Group();
        FileStatus status = Write("file");
        Keep(status);
        using Descriptor file = Descriptor.OpenRead(PathOf("file"));

        while (Offers.Unsent == 0)
        {
            Offers.Offer(group, file.Content, status, 42);
        }

        Assert.True(Offers.Sent > 0);
        return Task.CompletedTask;
    }

    private Task AssertNeverWorthKeeping(WatchedGroup group, FileStatus file)
    {
        using (group)
        {
            for (int i = 0; i < 5; i++)
            {
                Assert.False(Offers.NoteOpen(group, file));
            }
        }

        return Task.CompletedTask;
    }

    private string PathOf(string name) => Path.Combine(_directory, name);

    private FileStatus Write(string name, UnixFileMode mode = (UnixFileMode)0b110_110_110)
    {
        File.WriteAllText(PathOf(name), "content");
        File.SetUnixFileMode(PathOf(name), mode);
        using Descriptor file = Descriptor.OpenRead(PathOf(name));
        return FileStatus.Of(file);
    }

    private void Keep(in FileStatus status)
    {
        FileVersion version = FileVersion.Of(s_rule.Identity, status);
        _rooms.Known.Keep(version, _rooms.Known.Begin(version.File), Verdict.Clean);
    }

    /// <summary>Offers a lease, and receives the offer if there is one.</summary>
    private LeaseOffer? Offer(WatchedGroup group, in FileStatus status)
    {
        using Descriptor file = Descriptor.OpenRead(PathOf("file"));
        Offers.Offer(group, file.Content, status, readAt: 42);
        LeaseOffer offer = default;
        Errno error = _rooms.Supervisor.TryReceive(
            MemoryMarshal.AsBytes(MemoryMarshal.CreateSpan(ref offer, 1)), out _, out PassedFile? passed);
        Assert.Equal(error == Errno.None, passed is not null);
        passed?.Close();
        return error == Errno.None ? offer : null;
    }

    private WatchedGroup Group(bool mayKeep = true)
    {
        Requires.Root();
        FilesystemPlan plan = new(1, FilesystemKind.Local, [], [], new Coverage([], believesPaths: true))
        {
            Rule = s_rule,
            MayKeepLeases = mayKeep,
        };
        return new WatchedGroup(0, FanotifyGroup.Open(), plan, _rooms.Tools);
    }
}
