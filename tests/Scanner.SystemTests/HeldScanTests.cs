using System.Diagnostics;
using Scanner.SystemTests.Access;
using Scanner.SystemTests.Clamd;
using Scanner.SystemTests.Fixtures;
using Scanner.SystemTests.Openers;

namespace Scanner.SystemTests;

/// <summary>One user's files whose scans hang in the kernel, and what another user notices of them.</summary>
public sealed class HeldScanTests(ITestOutputHelper output)
{
    private const string User = "65534";
    private const UnixFileMode Everybody = (UnixFileMode)0b111_111_111;

    private static readonly TimeSpan _deadline = TimeSpan.FromSeconds(3);

    [Theory(Timeout = 90_000)]
    [InlineData(2)]
    [InlineData(12)]
    public async Task GivenFilesThatTheirUserKeepsLocked_WhenAnotherUserOpensFiles_ThenTheyAreDecidedOnInTime(int held)
    {
        // A read waits for the lock that a writer holds on this file system, and the writer for a server.
        await using LoopMount mount = await LoopMount.CreateAsync(FileSystemKind.Xfs);
        File.SetUnixFileMode(mount.Path, Everybody);
        await using WatchedFileSystem watched = await WatchedFileSystem.PrepareAsync(FileSystemKind.Tmpfs);
        await using StalledMount served = await StalledMount.MountAsync(watched.Place, User, "read");
        await watched.StartScannerAsync(
            [], mount.Path, "--profile", "strict", "--deadline", $"{(int)_deadline.TotalSeconds}s");
        List<Opener> users = [];
        try
        {
            for (int i = 0; i < held; i++)
            {
                Opener writer = Start("stall-write", mount.In($"{i}"), Path.Combine(served.Path, $"{i}"));
                users.Add(writer);
                await writer.BegunAsync();
            }

            List<Opener> openers = [.. Enumerable.Range(0, held).Select(i => Start("open", mount.In($"{i}")))];
            users.AddRange(openers);
            foreach (Opener opener in openers)
            {
                await opener.BlockedAsync();
            }

            await AssertDecidedInTimeAsync(watched);
            foreach (Opener opener in openers)
            {
                Assert.Equal(OpenerResult.Denied, (await opener.ResultAsync()).Line);
            }

            // Their scans still hang, but nobody waits for them any more.
            await AssertDecidedInTimeAsync(watched);
        }
        finally
        {
            users.ForEach(opener => opener.Dispose());
        }
    }

    [Theory(Timeout = 90_000)]
    [InlineData("read")]
    [InlineData("open")]
    public async Task GivenAServerThatDoesNotAnswer_WhenAnotherUserOpensFiles_ThenTheyAreDecidedOnInTime(string call)
    {
        await using WatchedFileSystem watched = await WatchedFileSystem.PrepareAsync(FileSystemKind.Ext4);
        await using StalledMount served =
            await StalledMount.MountAsync(watched.Mount.Subdirectory("served"), User, call);
        await watched.StartScannerAsync([], "--profile", "strict", "--deadline", $"{(int)_deadline.TotalSeconds}s");
        List<Opener> openers =
            [.. Enumerable.Range(0, 12).Select(i => Start("open", Path.Combine(served.Path, $"{i}")))];
        try
        {
            await Task.Delay(500, TestContext.Current.CancellationToken);

            await AssertDecidedInTimeAsync(watched);
        }
        finally
        {
            openers.ForEach(opener => opener.Dispose());
        }
    }

    private static Opener Start(params string[] command) =>
        Opener.Start(TimeSpan.FromSeconds(40), ["as", User, .. command]);

    private async Task AssertDecidedInTimeAsync(WatchedFileSystem watched)
    {
        Stopwatch clock = Stopwatch.StartNew();
        string clean = await watched.Mount.WriteAsync("clean", Samples.CleanText);
        string infected = await watched.Mount.WriteAsync("infected", Samples.Eicar);
        OpenerResult ofClean = await Opener.RunAsync("open", clean);
        OpenerResult ofInfected = await Opener.RunAsync("open", infected);
        output.WriteLine($"decided after {clock.ElapsedMilliseconds} ms");

        Assert.Equal(OpenerResult.Content(Samples.CleanText), ofClean.Line);
        Assert.Equal(OpenerResult.Denied, ofInfected.Line);
        Assert.True(ofClean.Elapsed < _deadline && ofInfected.Elapsed < _deadline, $"{ofClean}; {ofInfected}");

        // So that it can be written again.
        File.Delete(infected);
        File.Delete(clean);
    }
}
