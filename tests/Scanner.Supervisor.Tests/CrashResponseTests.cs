using Scanner.Journal;
using Scanner.Linux.Fanotify;
using Scanner.Supervisor.Tests.Fixtures;
using Scanner.Testing;

namespace Scanner.Supervisor.Tests;

/// <summary>What the supervisor does with opens when there is no worker.</summary>
[Collection(MarksCollection.Name)]
public sealed class CrashResponseTests
{
    [Fact(Timeout = 30_000)]
    public Task GivenNoWorkerAndTheActionDeny_WhenFilesAreOpened_ThenEachIsDeniedUntilAWorkerGetsTheGroup() => Blocking.Run(() =>
    {
        using Keeper keeper = new();
        using WatchedMount mount = new(keeper);
        using ErrorLog log = new();
        CrashResponse crash = Respond(keeper, log, Access.Deny);
        Opener pending = mount.OpenInto(0, SlotState.Identified);

        crash.Begin("a test");

        Assert.True(pending.Result().WasDenied);
        for (int round = 0; round < 20; round++)
        {
            Assert.True(mount.Open().Result().WasDenied);
        }

        crash.GiveWay();
        Opener asked = mount.OpenInto(1, SlotState.Identified);

        // The worker that was tried dies as well.
        crash.Continue();
        Assert.True(asked.Result().WasDenied);
        Assert.True(mount.Open().Result().WasDenied);
        crash.GiveWay();
    });

    [Fact(Timeout = 30_000)]
    public Task GivenAFileThatPassesUnasked_WhenThereIsNoWorkerAndTheActionIsDeny_ThenItIsDenied() => Blocking.Run(() =>
    {
        using Keeper keeper = new();
        using WatchedMount mount = new(keeper);
        using ErrorLog log = new();
        CrashResponse crash = Respond(keeper, log, Access.Deny);
        mount.PassUnasked();
        Assert.False(mount.Open().Result().WasDenied);

        crash.Begin("a test");

        Assert.True(mount.Open().Result().WasDenied);
        crash.GiveWay();
    });

    [Fact(Timeout = 30_000)]
    public Task GivenNoWorkerAndTheActionAllow_WhenFilesAreOpened_ThenTheGroupsAreGone() => Blocking.Run(() =>
    {
        using Keeper keeper = new();
        using WatchedMount mount = new(keeper);
        using ErrorLog log = new();
        CrashResponse crash = Respond(keeper, log, Access.Allow);
        Opener pending = mount.OpenInto(0, SlotState.Identified);
        Opener unread = mount.Open();

        crash.Begin("a test");

        Assert.False(pending.Result().WasDenied);
        Assert.False(unread.Result().WasDenied);
        Assert.False(mount.Open().Result().WasDenied);
        Assert.Empty(keeper.Groups.Open);
        Assert.False(keeper.Journal.Group(mount.Index).IsOpen);
    });

    private static CrashResponse Respond(Keeper keeper, ErrorLog log, Access action)
    {
        keeper.Journal.Header.CrashAction = action;
        return new CrashResponse(keeper.Journal, keeper.Groups, new Recovery(keeper.Journal, keeper.Groups), log);
    }
}
