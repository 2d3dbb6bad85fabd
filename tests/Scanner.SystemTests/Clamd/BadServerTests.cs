using Scanner.SystemTests.Access;
using Scanner.SystemTests.Fixtures;
using Scanner.SystemTests.Openers;

namespace Scanner.SystemTests.Clamd;

/// <summary>
/// Whatever answers in clamd's place: nothing infected is opened, nobody waits too long, nothing crashes.
/// </summary>
public sealed class BadServerTests(ITestOutputHelper output)
{
    private const int Pairs = 10;

    private static readonly TimeSpan _deadline = TimeSpan.FromSeconds(2);

    [Theory(Timeout = 60_000)]
    [InlineData("right", true)]
    [InlineData("closing", false)]
    [InlineData("twice", false)]
    [InlineData("garbage", false)]
    [InlineData("half", false)]
    [InlineData("wrong-id", false)]
    [InlineData("never", false)]
    [InlineData("dropping", false)]
    [InlineData("empty", false)]
    [InlineData("endless", false)]
    [InlineData("error", false)]
    public async Task GivenAServerThatAnswersBadly_WhenFilesAreOpened_ThenNothingInfectedIsAndNobodyWaitsTooLong(
        string behaviour, bool everyAnswerIsRight)
    {
        await using FakeClamd server = await FakeClamd.StartAsync(behaviour);
        await using ClamdCase test = await ClamdCase.StartAsync(server.SocketPath, "--deadline", "2s");
        // Twice: what a late answer to the first ones does to the second ones is the question.
        string first = await test.WritePairsAsync(Pairs);
        string second = await test.WritePairsAsync(Pairs);

        LoadResult[] results = [await test.SweepAsync(first, 2 * Pairs), await test.SweepAsync(second, 2 * Pairs)];

        output.WriteLine($"{behaviour}: {server.Scans} scans");
        Assert.All(results, AssertSafe);
        Assert.False(everyAnswerIsRight && results.Any(result => result.CleanDenied > 0), results[0].Line);
        await test.CloseAccountAsync(output);
    }

    [Fact(Timeout = 60_000)]
    public async Task GivenAServerThatAnswersAfterTheDeadline_WhenFilesAreOpened_ThenLateAnswersCountForNothing()
    {
        await using FakeClamd server = await FakeClamd.StartAsync(
            "right", TimeSpan.FromMilliseconds(2_300), threads: 32);
        await using ClamdCase test = await ClamdCase.StartAsync(server.SocketPath, "--deadline", "2s");
        string first = await test.WritePairsAsync(Pairs);
        string second = await test.WritePairsAsync(Pairs);

        // The answers to the first ones come while the second ones wait.
        LoadResult[] results = [await test.SweepAsync(first, 2 * Pairs), await test.SweepAsync(second, 2 * Pairs)];

        Assert.All(results, AssertSafe);
        Assert.All(results, result => Assert.Equal(0, result.CleanAllowed));
        Assert.Contains(test.Decisions, one => one.Reason == ClamdCase.DeadlinePassed);
        await test.CloseAccountAsync(output);
    }

    [Fact(Timeout = 60_000)]
    public async Task GivenAServerThatKeepsAFileBeyondTheDeadline_WhenTheFileIsOpenedForWriting_ThenTheWriterIsNotHeldUp()
    {
        await using FakeClamd server = await FakeClamd.StartAsync("right", TimeSpan.FromSeconds(20));
        await using ClamdCase test = await ClamdCase.StartAsync(
            await WatchedFileSystem.PrepareAsync(FileSystemKind.Ext4), server.SocketPath, ["--deadline", "2s"]);
        string file = await test.Mount.WriteAsync("read-then-written", Samples.CleanText);

        OpenResult reader = await test.OpenAsync(file);
        OpenerResult writer = await Opener.RunAsync("rdwr", file);

        Assert.Equal(ClamdCase.DeadlinePassed, reader.Decision.Reason);
        Assert.True(writer.Elapsed < _deadline + ClamdCase.AfterDeadline, $"{writer.Line} after {writer.Elapsed}");
        await test.CloseAccountAsync(output);
    }

    [Theory(Timeout = 60_000)]
    [InlineData("garbage")]
    [InlineData("never")]
    public async Task GivenAServerThatWasBad_WhenARightOneTakesItsPlace_ThenItIsUsed(string behaviour)
    {
        await using FakeClamd bad = await FakeClamd.StartAsync(behaviour);
        await using FakeClamd right = await FakeClamd.StartAsync("right");
        string socket = Path.Combine(Path.GetDirectoryName(bad.SocketPath)!, "current");
        File.CreateSymbolicLink(socket, bad.SocketPath);
        await using ClamdCase test = await ClamdCase.StartAsync(socket, "--deadline", "2s");
        AssertSafe(await test.SweepAsync(await test.WritePairsAsync(Pairs), 2 * Pairs));

        File.Delete(socket);
        File.CreateSymbolicLink(socket, right.SocketPath);
        await bad.EndAsync();

        await test.RecoveredAsync(ClamdCase.Recovery);
        (await test.SweepAsync(await test.WritePairsAsync(Pairs), 4)).AssertAllRight();
        await test.CloseAccountAsync(output);
    }

    private static void AssertSafe(LoadResult result)
    {
        Assert.Equal(2 * Pairs, result.Opens);
        result.AssertNothingInfectedAndNoneHung();
        result.AssertNoWaitBeyond(_deadline + ClamdCase.AfterDeadline);
    }
}
