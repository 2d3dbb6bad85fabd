using Scanner.SystemTests.Access;
using Scanner.SystemTests.Fixtures;
using Scanner.SystemTests.Openers;

namespace Scanner.SystemTests;

/// <summary>A file opened in a watched directory and moved out of it before anybody has looked.</summary>
public sealed class RenameRaceTests(ITestOutputHelper output)
{
    /// <summary>
    /// What is moved, and how many milliseconds the worker is held up; the last time it is killed for it.
    /// </summary>
    public static TheoryData<FileSystemKind, string, int> Moved()
    {
        TheoryData<FileSystemKind, string, int> moved = [];
        foreach (FileSystemKind kind in Enum.GetValues<FileSystemKind>())
        {
            foreach (int heldUp in (int[])[300, 800, 1_500])
            {
                moved.Add(kind, "parent/infected", heldUp);
                moved.Add(kind, "parent", heldUp);
            }
        }

        return moved;
    }

    [Theory(Timeout = 60_000)]
    [MemberData(nameof(Moved))]
    public async Task GivenAnOpenThatWaits_WhenTheFileIsMovedOutside_ThenItIsDecidedOnAllTheSame(
        FileSystemKind kind, string moved, int heldUp)
    {
        await using LoopMount mount = await LoopMount.CreateAsync(kind);
        mount.Subdirectory("inside/parent");
        mount.Subdirectory("outside");
        string infected = await mount.WriteAsync("inside/parent/infected", Samples.Eicar);
        await using ScannerProcess scanner = await StartAsync(mount, "available");
        int worker = await scanner.WorkerAsync();
        Signals.Stop(worker);
        using Opener opener = Opener.Start(TimeSpan.FromSeconds(20), "open", infected);
        await opener.BlockedAsync();

        await RenameAsync(mount.In($"inside/{moved}"), mount.In("outside/moved"));
        await Task.Delay(heldUp, TestContext.Current.CancellationToken);
        Signals.Continue(worker);

        // Under this profile only a verdict denies.
        Assert.Equal(OpenerResult.Denied, (await opener.ResultAsync()).Line);
    }

    [Theory(Timeout = 60_000)]
    [MemberData(nameof(FileSystemKinds.All), MemberType = typeof(FileSystemKinds))]
    public async Task GivenAFileThatIsMovedOutAndBackWithoutPause_WhenItIsOpenedInside_ThenNoOpenSucceeds(
        FileSystemKind kind)
    {
        await using LoopMount mount = await LoopMount.CreateAsync(kind);
        mount.Subdirectory("inside");
        mount.Subdirectory("outside");
        string infected = await mount.WriteAsync("inside/infected", Samples.Eicar);
        string list = mount.Work.Write("list", System.Text.Encoding.UTF8.GetBytes($"i {infected}\n"));
        await using ScannerProcess scanner = await StartAsync(mount, "strict");
        using Opener flip =
            Opener.Start(TimeSpan.FromSeconds(30), "flip", infected, mount.In("outside/infected"), "6");
        await flip.BegunAsync();

        LoadResult result = LoadResult.From(await Opener.RunAsync("loop", "3", "5", list, "10"));
        OpenerResult flips = await flip.ResultAsync();

        output.WriteLine($"{flips.Line} renames; {result.Line}");
        Assert.StartsWith("ok ", flips.Line);
        // Where the file is away just then, the open fails for another reason.
        Assert.True(result.InfectedAllowed == 0 && result.InfectedDenied > 100 && result.Hung == 0, result.Line);
    }

    private static async Task<ScannerProcess> StartAsync(LoopMount mount, string profile) =>
        await ScannerProcess.StartAsync(
            mount.In("inside"), "--profile", profile, "--deadline", "10s", "--json",
            "--state", mount.Work.Subdirectory("state"));

    /// <summary>Only renames: nothing is opened, which would wait as well.</summary>
    private static async Task RenameAsync(string from, string to)
    {
        CommandResult rename = await ChildProcess.RunAsync("mv", "--no-target-directory", from, to);
        rename.AssertSucceeded();
    }
}
