using Scanner.SystemTests.Access;
using Scanner.SystemTests.Fixtures;
using Scanner.SystemTests.Openers;

namespace Scanner.SystemTests;

/// <summary>
/// Opens at the very same moment, with silence after each, so that no later answer takes along a lost one.
/// </summary>
public sealed class MomentTests(ITestOutputHelper output)
{
    private const string Seconds = "10";

    [Fact(Timeout = 60_000)]
    public async Task GivenTwoThreads_WhenTheyOpenAtTheSameMoment_ThenNoAnswerIsLost()
    {
        // A deadline that the test does not reach: the supervisor must not be the one who answers.
        await using WatchedFileSystem watched =
            await WatchedFileSystem.StartAsync(FileSystemKind.Tmpfs, "--profile", "strict", "--deadline", "30s");
        string first = await watched.Mount.WriteAsync("first", Samples.CleanText);
        string second = await watched.Mount.WriteAsync("second", Samples.CleanText);
        int worker = await watched.Scanner.WorkerAsync();

        OpenerResult result = await Opener.RunAsync(
            TimeSpan.FromSeconds(40), "together", Seconds, first, second);

        // With how many times both opened.
        output.WriteLine(result.Line);
        Assert.StartsWith("ok ", result.Line);
        Assert.Equal(worker, await watched.Scanner.WorkerAsync());
    }
}
