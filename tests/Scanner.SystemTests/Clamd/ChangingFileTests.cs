using System.Diagnostics;
using Scanner.SystemTests.Access;
using Scanner.SystemTests.Openers;
using Scanner.Testing.Clamd;

namespace Scanner.SystemTests.Clamd;

/// <summary>
/// Files that change, and signatures that change, while a scan is under way; and who is kept waiting by one.
/// </summary>
public sealed class ChangingFileTests(ITestOutputHelper output)
{
    private static readonly TimeSpan _slow = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan _writerWaits = TimeSpan.FromMilliseconds(200);

    [Theory(Timeout = 120_000)]
    [InlineData("shorten")]
    [InlineData("grow")]
    [InlineData("replace")]
    public async Task GivenARealScanUnderWay_WhenTheFileChanges_ThenItsInfectionIsNeverRead(string change)
    {
        const int Size = 8 << 20;
        const int Rounds = 8;
        await using ClamdServer server = await ClamdServer.StartAsync();
        await using ClamdCase test = await ClamdCase.StartAsync(server.SocketPath);
        for (int round = 0; round < Rounds; round++)
        {
            byte[] content = ClamdSamples.WithEicarAtEnd(Size, seed: round);
            string file = await test.Mount.WriteAsync($"file{round}", content);
            string clean = await test.Mount.WriteAsync($"clean{round}", Samples.CleanText);
            using Opener opener = Opener.Start(TimeSpan.FromSeconds(20), "open", file);
            await Task.Delay(TimeSpan.FromMilliseconds(5 * round), TestContext.Current.CancellationToken);

            await ChangeAsync(change, file, clean);

            OpenerResult result = await opener.ResultAsync();
            Assert.NotEqual(OpenerResult.Content(content), result.Line);
            Assert.True(result.Elapsed < TimeSpan.FromSeconds(6), $"{result.Elapsed}: {result.Line}");
            Assert.DoesNotContain("killed", result.Line);
        }

        (await test.SweepAsync(await test.WritePairsAsync(10), 4)).AssertAllRight();
        await test.CloseAccountAsync(output);
    }

    [Fact(Timeout = 60_000)]
    public async Task GivenAScanUnderWay_WhenTheFileIsReplaced_ThenEachFileIsDecidedByItsOwnContent()
    {
        await using FakeClamd server = await FakeClamd.StartAsync("slow-first", TimeSpan.FromSeconds(1));
        await using ClamdCase test = await ClamdCase.StartAsync(server.SocketPath);
        string clean = await test.Mount.WriteAsync("clean", Samples.CleanText);
        string infected = await test.Mount.WriteAsync("infected", Samples.Eicar);
        using Opener first = Opener.Start(TimeSpan.FromSeconds(20), "open", clean);
        await server.ScansReachAsync(1);

        File.Move(infected, clean, overwrite: true);
        OpenResult second = await test.OpenAsync(clean);

        Assert.Equal(OpenerResult.Content(Samples.CleanText), (await first.ResultAsync()).Line);
        Assert.True(second.WasDenied, second.Opener.Line);
        await test.CloseAccountAsync(output);
    }

    [Fact(Timeout = 60_000)]
    public async Task GivenACleanScanUnderWay_WhenTheFileIsWrittenTo_ThenALaterOpenerGetsAScanOfItsOwn()
    {
        // The slow scan looks at the content last, so the writer's infection would not even be missed by it; what
        // must not happen is that the second opener gets an answer about what was there before it came.
        await using FakeClamd server = await FakeClamd.StartAsync("slow-first", TimeSpan.FromSeconds(1));
        await using ClamdCase test = await ClamdCase.StartAsync(server.SocketPath);
        string file = await test.Mount.WriteAsync("file", Samples.CleanText);
        using Opener first = Opener.Start(TimeSpan.FromSeconds(20), "open", file);
        await server.ScansReachAsync(1);

        Assert.StartsWith("ok ", (await Opener.RunAsync("shorten", file, "5")).Line);
        OpenResult second = await test.OpenAsync(file);

        Assert.True(second.WasAllowed, second.Opener.Line);
        await first.ResultAsync();
        Assert.True(server.Scans >= 2, $"{server.Scans} scans for two versions");
        await test.CloseAccountAsync(output);
    }

    [Fact(Timeout = 90_000)]
    public async Task GivenScansWithoutEnd_WhenTheDatabaseIsReloaded_ThenEveryAnswerStaysRight()
    {
        await using ClamdServer server = await ClamdServer.StartAsync();
        await using ClamdCase test = await ClamdCase.StartAsync(server.SocketPath);
        string list = await test.WritePairsAsync(50);
        using Opener load = Opener.Start(TimeSpan.FromSeconds(30), "loop", "4", "4", list, "10");
        await load.BegunAsync();

        for (int i = 0; i < 6; i++)
        {
            await server.ReloadAsync();
            await Task.Delay(TimeSpan.FromMilliseconds(500), TestContext.Current.CancellationToken);
        }

        LoadResult result = test.Add(await load.ResultAsync());
        result.AssertAllRight();
        await test.CloseAccountAsync(output);
    }

    [Theory(Timeout = 60_000)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task GivenAThousandOpenersOfOneFile_WhenAllAreAnswered_ThenClamdWasAskedFarFewerTimes(bool infected)
    {
        const int Openers = 1_000;
        const int FarFewer = Openers / 20;
        await using FakeClamd server = await FakeClamd.StartAsync("right", TimeSpan.FromMilliseconds(100));
        await using ClamdCase test = await ClamdCase.StartAsync(server.SocketPath);
        string list = await test.WriteFilesAsync(1, _ => infected, size: 4096);
        int before = server.Scans;

        LoadResult result = test.Add(
            await Opener.RunAsync(TimeSpan.FromSeconds(40), "flood", $"{Openers}", list, "20"));

        output.WriteLine($"{server.Scans - before} scans for {Openers} openers");
        Assert.Equal(Openers, result.Opens);
        result.AssertAllRight();
        Assert.InRange(server.Scans - before, 1, FarFewer);
        await test.CloseAccountAsync(output);
    }

    [Fact(Timeout = 60_000)]
    public async Task GivenASlowScan_WhenTheFileIsTruncatedByItsName_ThenTheScannersLeaseDoesNotHoldItUp()
    {
        await using FakeClamd server = await FakeClamd.StartAsync("slow-first", _slow);
        await using ClamdCase test = await ClamdCase.StartAsync(server.SocketPath);
        string file = await test.Mount.WriteAsync("file", Samples.CleanText);
        using Opener reader = Opener.Start(TimeSpan.FromSeconds(20), "open", file);
        await server.ScansReachAsync(1);

        // No open, so nobody is asked: only a lease can hold it up.
        OpenerResult writer = await Opener.RunAsync("shorten", file, "3");

        AssertGotThrough(writer);
        await reader.ResultAsync();
        await test.CloseAccountAsync(output);
    }

    [Fact(Timeout = 60_000)]
    public async Task GivenASlowScan_WhenTheFileIsOpenedForWriting_ThenTheWriterWaitsNoLongerThanForAnAnswer()
    {
        await using FakeClamd server = await FakeClamd.StartAsync("slow-first", _slow);
        await using ClamdCase test = await ClamdCase.StartAsync(server.SocketPath);
        string file = await test.Mount.WriteAsync("file", Samples.CleanText);
        Stopwatch clock = Stopwatch.StartNew();
        using Opener reader = Opener.Start(TimeSpan.FromSeconds(20), "open", file);
        await server.ScansReachAsync(1);

        // This open is itself asked about, and may share the scan that runs. Nothing may come on top of that.
        using Opener writer = Opener.Start(TimeSpan.FromSeconds(20), "rdwr", file);
        await reader.ResultAsync();
        TimeSpan readerDone = clock.Elapsed;
        OpenerResult result = await writer.ResultAsync();
        TimeSpan after = clock.Elapsed - readerDone;

        output.WriteLine($"the writer took {result.Elapsed.TotalMilliseconds:F0} ms");
        Assert.Equal(OpenerResult.Content(Samples.CleanText), result.Line);
        Assert.True(after < _writerWaits, $"the writer went on {after} after the reader");
        await test.CloseAccountAsync(output);
    }

    private static async Task ChangeAsync(string change, string file, string clean)
    {
        switch (change)
        {
            case "shorten":
                Assert.StartsWith("ok ", (await Opener.RunAsync("shorten", file, "1000")).Line);
                break;
            case "grow":
                // Opened for writing it is an infected file like for any other opener; truncate(2) asks nobody.
                Assert.StartsWith("ok ", (await Opener.RunAsync("shorten", file, $"{20 << 20}")).Line);
                break;
            default:
                File.Move(clean, file, overwrite: true);
                break;
        }
    }

    private void AssertGotThrough(OpenerResult writer)
    {
        output.WriteLine($"the writer took {writer.Elapsed.TotalMilliseconds:F0} ms");
        Assert.StartsWith("ok ", writer.Line);
        Assert.True(writer.Elapsed < _writerWaits, $"a scan's lease held a writer up for {writer.Elapsed}");
    }
}
