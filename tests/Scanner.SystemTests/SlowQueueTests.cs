using System.Text;
using Scanner.SystemTests.Access;
using Scanner.SystemTests.Fixtures;
using Scanner.SystemTests.Openers;

namespace Scanner.SystemTests;

/// <summary>A file moved out of the watched directory while a crowd keeps everybody waiting.</summary>
public sealed class SlowQueueTests(ITestOutputHelper output)
{
    private const int Rounds = 15;
    private const int Crowd = 150;

    [Theory(Timeout = 90_000)]
    [InlineData(FileSystemKind.Ext4)]
    [InlineData(FileSystemKind.Tmpfs)]
    public async Task GivenACrowdOutside_WhenAFileIsMovedOutAsSoonAsItIsOpened_ThenItIsDenied(FileSystemKind kind)
    {
        await using LoopMount mount = await LoopMount.CreateAsync(kind);
        string infected = await PrepareAsync(mount);
        string outside = mount.In("outside/infected");
        await using ScannerProcess scanner = await ScannerProcess.StartAsync(
            mount.In("inside"), "--profile", "strict", "--deadline", "20s", "--json",
            "--state", mount.Work.Subdirectory("state"));
        using Opener crowd = Opener.Start(
            TimeSpan.FromSeconds(60), "loop", $"{Crowd}", "20", mount.Work.In("list"), "20");
        await crowd.BegunAsync();

        int waited = 0;
        for (int round = 0; round < Rounds; round++)
        {
            using Opener opener = Opener.Start(TimeSpan.FromSeconds(25), "open", infected);
            bool isBlocked = await Poll.UntilAsync(
                TimeSpan.FromSeconds(5), () => ProcessTable.IsBlocked(opener.Id) || !ProcessTable.IsAlive(opener.Id));
            Assert.True(isBlocked, "the open neither waits nor ends");

            // Only renames: nothing is opened, so the test does not wait.
            File.Move(infected, outside);
            waited += ProcessTable.IsBlocked(opener.Id) ? 1 : 0;
            OpenerResult result = await opener.ResultAsync();
            File.Move(outside, infected);
            Assert.Equal(OpenerResult.Denied, result.Line);
        }

        crowd.Kill();
        output.WriteLine($"moved {waited} of {Rounds} times while the opener waited");
        Assert.True(waited > 0, "every opener had its answer before the file was moved");
    }

    /// <summary>Paths that are long to walk cost the scanner more than the opener who is there already.</summary>
    private static async Task<string> PrepareAsync(LoopMount mount)
    {
        mount.Subdirectory("inside");
        string deep = Path.Combine("outside", string.Join('/', Enumerable.Repeat("d", 200)));
        mount.Subdirectory(deep);
        string clean = await mount.WriteAsync(Path.Combine(deep, "clean"), Samples.CleanText);
        mount.Work.Write("list", Encoding.UTF8.GetBytes($"c {clean}\n"));
        return await mount.WriteAsync("inside/infected", Samples.Eicar);
    }
}
