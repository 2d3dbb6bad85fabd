using Scanner.SystemTests.Access;
using Scanner.SystemTests.Fixtures;
using Scanner.SystemTests.Openers;

namespace Scanner.SystemTests;

/// <summary>A worker that is killed before protection is in force.</summary>
public sealed class EarlyDeathTests(ITestOutputHelper output)
{
    private const int LongestDelay = 50;

    [Theory(Timeout = 90_000)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(5)]
    public async Task GivenAWorkerThatIsKilledAtItsStart_WhenTheStartIsOver_ThenItProtectsOrHasFailed(int kills)
    {
        await using LoopMount mount = await LoopMount.CreateAsync(FileSystemKind.Ext4);
        string infected = await mount.WriteAsync("infected", Samples.Eicar);
        string clean = await mount.WriteAsync("clean", Samples.CleanText);
        string state = mount.Work.Subdirectory("state");
        await using ScannerProcess scanner =
            ScannerProcess.Begin(mount.Path, "--profile", "strict", "--json", "--state", state);

        int done = await KillAsync(scanner, kills);

        bool hasStarted = await scanner.HasStartedAsync();
        output.WriteLine($"killed {done} workers; started: {hasStarted}");
        if (hasStarted)
        {
            Assert.Equal(OpenerResult.Denied, (await Opener.RunAsync("open", infected)).Line);
            Assert.Equal(OpenerResult.Content(Samples.CleanText), (await Opener.RunAsync("open", clean)).Line);
        }
        else
        {
            // A start that was disturbed less often than this must succeed.
            Assert.True(done > 2, scanner.ToString());
            Assert.NotEqual(0, await scanner.ExitAsync());
            Assert.Equal(OpenerResult.Content(Samples.Eicar), (await Opener.RunAsync("open", infected)).Line);
        }
    }

    private static async Task<int> KillAsync(ScannerProcess scanner, int kills)
    {
        int done = 0;
        int last = 0;
        while (done < kills && !scanner.HasExited)
        {
            int worker = scanner.TryFindWorker();
            if (worker == 0 || worker == last)
            {
                await Task.Delay(1, TestContext.Current.CancellationToken);
                continue;
            }

            await Task.Delay(Random.Shared.Next(LongestDelay), TestContext.Current.CancellationToken);
            Signals.Kill(worker);
            last = worker;
            done++;
        }

        return done;
    }
}
