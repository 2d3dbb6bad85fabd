using System.Diagnostics;
using Scanner.Journal;
using Scanner.Linux;
using Scanner.Linux.Fanotify;
using Scanner.Linux.Files;
using Scanner.Supervisor.Tests.Fixtures;
using Scanner.Testing;

namespace Scanner.Supervisor.Tests;

/// <summary>While a lease is kept nobody is asked about a file; and not a moment longer.</summary>
[Collection(MarksCollection.Name)]
public sealed class LeaseKeeperTests
{
    private const long Second = 1_000 * Clock.NanosecondsPerMillisecond;

    [Fact(Timeout = 30_000)]
    public Task GivenALease_WhenOffered_ThenNobodyIsAskedUntilSomebodyWantsToWrite() => Blocking.Run(() =>
    {
        using Keeper keeper = new(leases: 10);
        using LeasedMount mount = new(keeper, "file", "other");

        mount.Offer("file");
        Await(keeper, LeaseCounter.Taken, 1);
        mount.AssertUnasked("file");
        mount.AssertUnasked("file");
        mount.AssertAsked("other");
        Assert.Equal((1, 9), (keeper.Journal.Header.Leases.Kept, keeper.Journal.Header.Leases.Room));

        using Opener writer = mount.StartWriter("file");
        Assert.Equal(0, writer.Result().ExitCode);
        mount.AssertAsked("file");
        Await(keeper, LeaseCounter.Broken, 1);
        Assert.Equal((0, 10), (keeper.Journal.Header.Leases.Kept, keeper.Journal.Header.Leases.Room));
    });

    [Fact(Timeout = 30_000)]
    public Task GivenAKeptLease_WhenItIsBroken_ThenTheFileIsRememberedForThat() => Blocking.Run(() =>
    {
        using Keeper keeper = new(leases: 10);
        using LeasedMount mount = new(keeper, "file");
        using Descriptor file = mount.OpenFile("file");
        FileStatus status = mount.Describe(file).Status;
        Assert.False(keeper.Journal.BrokenLeases.Has(status.Device, status.Inode, Clock.Now, Second));
        mount.Offer("file");
        Await(keeper, LeaseCounter.Taken, 1);

        using Opener writer = mount.StartWriter("file");
        Assert.Equal(0, writer.Result().ExitCode);

        Await(keeper, LeaseCounter.Broken, 1);
        Assert.True(keeper.Journal.BrokenLeases.Has(status.Device, status.Inode, Clock.Now, 10 * Second));
    });

    [Fact(Timeout = 30_000)]
    public Task GivenAnOfferThatNamesAnotherGroup_WhenItComes_ThenItIsRefused() => Blocking.Run(() =>
    {
        using Keeper keeper = new(leases: 10);
        using LeasedMount mount = new(keeper, "file");

        AssertRefused(keeper, mount, offer => offer with { Generation = offer.Generation + 1 });
        AssertRefused(keeper, mount, offer => offer with { Generation = offer.Generation - 1 });
        AssertRefused(keeper, mount, offer => offer with { Group = offer.Group + 1 });
        AssertRefused(keeper, mount, offer => offer with { Group = -1 });
        AssertRefused(keeper, mount, offer => offer with { Group = EventJournal.MaxGroups });
        AssertRefused(keeper, mount, offer => offer with { Group = int.MaxValue });
    });

    [Fact(Timeout = 30_000)]
    public Task GivenAnOfferAboutAnotherVersion_WhenItComes_ThenItIsRefused() => Blocking.Run(() =>
    {
        using Keeper keeper = new(leases: 10);
        using LeasedMount mount = new(keeper, "file");

        AssertRefused(keeper, mount, offer => offer with { Status = offer.Status with { Size = 7 } });
        AssertRefused(keeper, mount, offer => offer with { Status = offer.Status with { ChangedAt = offer.Status.ChangedAt - 1 } });
        AssertRefused(keeper, mount, offer => offer with { Status = offer.Status with { ModifiedAt = 1 } });
        AssertRefused(keeper, mount, offer => offer with { Status = offer.Status with { Inode = 1 } });
        AssertRefused(keeper, mount, offer => offer with { Status = offer.Status with { Device = 1 } });
        AssertRefused(keeper, mount, offer => offer with { Status = offer.Status with { BornAt = 1 } });
    });

    [Fact(Timeout = 30_000)]
    public Task GivenAnOfferThatWasLongOnItsWay_WhenItComes_ThenItIsRefused() => Blocking.Run(() =>
    {
        using Keeper keeper = new(leases: 10);
        using LeasedMount mount = new(keeper, "file");

        AssertRefused(keeper, mount, offer => offer with { TakenAt = offer.TakenAt - Second });
    });

    [Fact(Timeout = 30_000)]
    public Task GivenAFileWithoutALease_WhenSomebodyWritesIt_ThenItsOfferIsRefused() => Blocking.Run(() =>
    {
        using Keeper keeper = new(leases: 10);
        using LeasedMount mount = new(keeper, "file");
        using Descriptor file = mount.OpenFile("file");
        using Opener holder = Opener.Start("/bin/sh", "-c", "exec 3>>\"$0\"; sleep 20", mount.Mount["file"]);
        mount.Answer(Access.Allow);
        Assert.False(holder.EndsWithin(100));

        mount.Send(file, mount.Describe(file));

        Await(keeper, LeaseCounter.Refused, 1);
        mount.AssertAsked("file");
    });

    [Fact(Timeout = 30_000)]
    public Task GivenAWriterThatCameFirst_WhenTheLeaseIsOffered_ThenItIsRefusedAndTheWriterGoesOn() => Blocking.Run(() =>
    {
        using Keeper keeper = new(leases: 10);
        using LeasedMount mount = new(keeper, "file");
        using Descriptor file = mount.OpenFile("file");
        LeaseOffer offer = mount.Describe(file);
        Assert.Equal(Errno.None, ReadLease.TryTake(file.Content));
        using Opener writer = mount.StartWriter("file");
        mount.Answer(Access.Allow);
        Assert.False(writer.EndsWithin(200));

        mount.Send(file, offer with { TakenAt = Clock.Now });

        // Although this process has the file open still.
        Assert.Equal(0, writer.Result().ExitCode);
        Await(keeper, LeaseCounter.Refused, 1);
        mount.AssertAsked("file");
        Assert.Equal(0, keeper.Journal.Header.Leases[LeaseCounter.Taken]);
    });

    [Fact(Timeout = 30_000)]
    public Task GivenAnotherDescriptorOfTheLeasedFile_WhenAWriterComes_ThenItNeedNotWaitForThatToo() => Blocking.Run(() =>
    {
        using Keeper keeper = new(leases: 10);
        using LeasedMount mount = new(keeper, "file");
        using Descriptor file = mount.OpenFile("file");
        Assert.Equal(Errno.None, ReadLease.TryTake(file.Content));
        mount.Send(file, mount.Describe(file));
        Await(keeper, LeaseCounter.Taken, 1);

        using Opener writer = mount.StartWriter("file");

        Assert.Equal(0, writer.Result().ExitCode);
    });

    [Fact(Timeout = 30_000)]
    public Task GivenKeptLeases_WhenTheirGroupIsClosed_ThenTheyAreGivenUpFirst() => Blocking.Run(() =>
    {
        using Keeper keeper = new(leases: 100);
        string[] files = [.. Enumerable.Range(0, 50).Select(number => $"file{number}")];
        using LeasedMount mount = new(keeper, files);
        Array.ForEach(files, file => mount.Offer(file));
        Await(keeper, LeaseCounter.Taken, files.Length);

        mount.Close();

        Assert.Equal(files.Length, keeper.Journal.Header.Leases[LeaseCounter.GroupClosed]);
        mount.Open();
        Array.ForEach(files, mount.AssertAsked);
    });

    [Fact(Timeout = 30_000)]
    public Task GivenKeptLeases_WhenTheKeeperIsSuspended_ThenAllAreGivenUpAndNoneIsTakenUntilItGoesOn() => Blocking.Run(() =>
    {
        using Keeper keeper = new(leases: 100);
        string[] files = [.. Enumerable.Range(0, 50).Select(number => $"file{number}")];
        using LeasedMount mount = new(keeper, files);
        Array.ForEach(files, file => mount.Offer(file));
        Await(keeper, LeaseCounter.Taken, files.Length);

        keeper.Leases.Suspend();

        Assert.Equal(0, keeper.Journal.Header.Leases.Kept);
        Array.ForEach(files, mount.AssertAsked);
        mount.Offer("file0");
        Await(keeper, LeaseCounter.Refused, 1);
        mount.AssertAsked("file0");

        keeper.Leases.Resume();
        mount.Offer("file0");
        Await(keeper, LeaseCounter.Taken, files.Length + 1);
        mount.AssertUnasked("file0");
    });

    [Fact(Timeout = 30_000)]
    public Task GivenAnOfferForAClosedGroup_WhenItsIndexIsAnothers_ThenTheOtherStillAsks() => Blocking.Run(() =>
    {
        using Keeper keeper = new(leases: 10);
        using LeasedMount mount = new(keeper, "file");
        using Descriptor file = mount.OpenFile("file");
        LeaseOffer offer = mount.Describe(file);
        Assert.Equal(Errno.None, ReadLease.TryTake(file.Content));
        do
        {
            // An index is another group's only when the last one is closed, on a thread of its own.
            mount.Close();
            Thread.Sleep(100);
            mount.Open();
        }
        while (mount.Index != offer.Group);


        mount.Send(file, offer with { TakenAt = Clock.Now });

        Await(keeper, LeaseCounter.Refused, 1);
        mount.AssertAsked("file");
    });

    [Fact(Timeout = 30_000)]
    public Task GivenAKeptLease_WhenItsTimeIsOver_ThenTheFileSystemCanBeUnmountedAndIsAskedAbout() => Blocking.Run(() =>
    {
        using Keeper keeper = new(leases: 10, leaseTime: Second / 2);
        using LeasedMount mount = new(keeper, "file", "later");
        mount.Offer("file");
        Await(keeper, LeaseCounter.Taken, 1);
        Assert.Throws<InvalidOperationException>(() => Tool.Run("umount", mount.Mount.Root));

        Await(keeper, LeaseCounter.Expired, 1);

        mount.AssertAsked("file");
        Tool.Run("umount", mount.Mount.Root);
    });

    [Fact(Timeout = 30_000)]
    public Task GivenAsManyLeasesAsMayBeKept_WhenAnotherIsOffered_ThenItIsRefusedUntilOneIsGivenUp() => Blocking.Run(() =>
    {
        using Keeper keeper = new(leases: 2);
        using LeasedMount mount = new(keeper, "one", "two", "three");
        mount.Offer("one");
        mount.Offer("two");
        Await(keeper, LeaseCounter.Taken, 2);
        Assert.Equal(0, keeper.Journal.Header.Leases.Room);

        mount.Offer("three");
        Await(keeper, LeaseCounter.Refused, 1);
        mount.AssertAsked("three");

        using Opener writer = mount.StartWriter("one");
        Assert.Equal(0, writer.Result().ExitCode);
        Await(keeper, LeaseCounter.Broken, 1);
        mount.Offer("three");
        Await(keeper, LeaseCounter.Taken, 3);
        mount.AssertUnasked("three");
    });

    [Fact(Timeout = 30_000)]
    public Task GivenAKeptLease_WhenTheFileIsOfferedOnceMore_ThenOneIsKeptAndItsMarkIsRenewed() => Blocking.Run(() =>
    {
        using Keeper keeper = new(leases: 10);
        using LeasedMount mount = new(keeper, "file");
        mount.Offer("file");
        Await(keeper, LeaseCounter.Taken, 1);
        using Descriptor place = Descriptor.OpenRead(mount.Mount["file"]);
        Assert.Equal(Errno.None, mount.Group.TryAskAgain(place.Content));

        mount.Offer("file");

        Await(keeper, LeaseCounter.Refused, 1);
        mount.AssertUnasked("file");
        Assert.Equal(1, keeper.Journal.Header.Leases.Kept);
        using Opener writer = mount.StartWriter("file");
        Assert.Equal(0, writer.Result().ExitCode);
        mount.AssertAsked("file");
    });

    [Fact(Timeout = 30_000)]
    public Task GivenNoRoomForSignals_WhenLeasesAreBroken_ThenAllOfThemAreFound() => Blocking.Run(() =>
    {
        using Keeper keeper = new(leases: 100);
        string[] files = [.. Enumerable.Range(0, 20).Select(number => $"file{number}")];
        using LeasedMount mount = new(keeper, files);
        Array.ForEach(files, file => mount.Offer(file));
        Await(keeper, LeaseCounter.Taken, files.Length);
        string self = $"--pid={Environment.ProcessId}";
        string before = Tool.Run("prlimit", self, "--sigpending", "--output=SOFT", "--noheadings").Trim();
        try
        {
            Tool.Run("prlimit", self, "--sigpending=0:");
            foreach (string file in files[..10])
            {
                using Opener writer = mount.StartWriter(file);
                Assert.Equal(0, writer.Result().ExitCode);
            }
        }
        finally
        {
            Tool.Run("prlimit", self, $"--sigpending={before}:");
        }

        Await(keeper, LeaseCounter.Broken, 10);
        Assert.InRange(keeper.Journal.Header.Leases[LeaseCounter.Sweeps], 1, 10);
        Array.ForEach(files[..10], mount.AssertAsked);
        Array.ForEach(files[10..], mount.AssertUnasked);
    });

    [Fact(Timeout = 30_000)]
    public Task GivenALeasedFile_WhenItIsRemoved_ThenItsBlocksAreFreeWhenTheLeaseIsGivenUp() => Blocking.Run(() =>
    {
        using Keeper keeper = new(leases: 10, leaseTime: Second / 2);
        using LeasedMount mount = new(keeper, "file");
        mount.Offer("file");
        Await(keeper, LeaseCounter.Taken, 1);

        File.Delete(mount.Mount["file"]);

        Await(keeper, LeaseCounter.Expired, 1);
        Assert.True(SpinWait.SpinUntil(() => TryUnmount(mount.Mount.Root), 5_000), "somebody still has it open");
    });

    [Fact(Timeout = 30_000)]
    public Task GivenMessagesThatAreNoOffers_WhenTheyCome_ThenTheyAreRefusedAndOthersAreNot() => Blocking.Run(() =>
    {
        using Keeper keeper = new(leases: 10);
        using LeasedMount mount = new(keeper, "file");
        using (Descriptor file = mount.OpenFile("file"))
        {
            Assert.Equal(Errno.None, keeper.Leases.WorkersEnd.TrySend("short"u8, file.Content));
            Assert.Equal(Errno.None, keeper.Leases.WorkersEnd.TrySend(new byte[200], file.Content));
            Assert.Equal(Errno.None, keeper.Leases.WorkersEnd.Send("nothing with it"u8));
        }

        Await(keeper, LeaseCounter.Refused, 1);
        mount.Offer("file");
        Await(keeper, LeaseCounter.Taken, 1);
        mount.AssertUnasked("file");
    });

    [Fact(Timeout = 10_000)]
    public Task GivenThatNoneIsToBeKept_WhenGroupsComeAndGo_ThenThereIsNoRoom()
    {
        Requires.Root();
        using Keeper keeper = new(leases: 0);
        keeper.OpenGroup(1);

        Assert.Equal(
            ControlMessageKind.Done, keeper.Ask(new ControlMessage(ControlMessageKind.CloseGroup, 0, 0)).Answer.Kind);
        Assert.Equal((0, 0), (keeper.Journal.Header.Leases.Kept, keeper.Journal.Header.Leases.Room));
        return Task.CompletedTask;
    }

    private static void AssertRefused(Keeper keeper, LeasedMount mount, Func<LeaseOffer, LeaseOffer> change)
    {
        long before = keeper.Journal.Header.Leases[LeaseCounter.Refused];
        mount.Offer("file", change);
        Await(keeper, LeaseCounter.Refused, before + 1);
        Assert.Equal(0, keeper.Journal.Header.Leases[LeaseCounter.Taken]);
        mount.AssertAsked("file");
    }

    private static void Await(Keeper keeper, LeaseCounter counter, long expected)
    {
        Stopwatch clock = Stopwatch.StartNew();
        Assert.True(
            SpinWait.SpinUntil(() => keeper.Journal.Header.Leases[counter] >= expected, 5_000),
            $"{counter} is {keeper.Journal.Header.Leases[counter]} after {clock.Elapsed}");
        Assert.Equal(expected, keeper.Journal.Header.Leases[counter]);
    }

    private static bool TryUnmount(string path)
    {
        try
        {
            Tool.Run("umount", path);
            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }
}
