using Scanner.SystemTests.Access;
using Scanner.SystemTests.Fixtures;
using Scanner.Testing.Clamd;

namespace Scanner.SystemTests.Clamd;

/// <summary>What only ClamAV finds: infections inside of something, and far into a file.</summary>
public sealed class ArchiveTests(ITestOutputHelper output)
{
    private const string TestFiles = ClamdSamples.TestFilesDirectory;

    [Theory(Timeout = 60_000)]
    [InlineData("zip", "zip", "-q")]
    [InlineData("tar.gz", "tar", "-czf")]
    [InlineData("7z", "7z", "a")]
    public async Task GivenAnArchive_WhenItIsOpened_ThenWhatIsInsideDecides(string type, string program, string option)
    {
        Requirement.Tool(program);
        await using ClamdServer server = await ClamdServer.StartAsync();
        await using ClamdCase test = await ClamdCase.StartAsync(server.SocketPath);
        string infected = await PackAsync(test, $"infected.{type}", Samples.Eicar, program, option);
        string clean = await PackAsync(test, $"clean.{type}", Samples.CleanText, program, option);

        OpenResult infectedResult = await test.OpenAsync(infected);
        OpenResult cleanResult = await test.OpenAsync(clean);

        Assert.True(infectedResult.WasDenied, infectedResult.Opener.Line);
        Assert.Equal("infected", infectedResult.Decision.Verdict);
        Assert.Equal(ClamdSamples.EicarName, infectedResult.Decision.Signature);
        Assert.Equal("clamd", infectedResult.Decision.Engine);
        Assert.True(cleanResult.WasAllowed, cleanResult.Opener.Line);
        await test.CloseAccountAsync(output);
    }

    [Fact(Timeout = 120_000)]
    public async Task GivenEveryFormOfClamavsTestFile_WhenItIsOpened_ThenItIsDenied()
    {
        Requirement.Met(Directory.Exists(TestFiles), "needs the package clamav-testfiles");
        await using ClamdServer server = await ClamdServer.StartAsync();
        await using ClamdCase test = await ClamdCase.StartAsync(server.SocketPath, "--deadline", "20s");
        List<string> wrong = [];
        string[] sources = Directory.GetFiles(TestFiles);
        int known = 0;

        foreach (string source in sources)
        {
            // What clamd says when it is asked without a scanner: a form that needs a packer's licence is not found.
            bool isKnown = (await server.AskAsync($"SCAN {source}")).EndsWith(" FOUND", StringComparison.Ordinal);
            known += isKnown ? 1 : 0;
            byte[] content = await File.ReadAllBytesAsync(source, TestContext.Current.CancellationToken);
            OpenResult result = await test.OpenAsync(await test.Mount.WriteAsync(Path.GetFileName(source), content));
            if (result.WasDenied != isKnown || (isKnown && result.Decision.Verdict != "infected"))
            {
                wrong.Add($"{source}: {result.Opener.Line} {result.Decision}");
            }
        }

        output.WriteLine($"{known} of {sources.Length} files are found by clamd");
        Assert.Empty(wrong);
        Assert.InRange(known, 40, sources.Length);
        await test.CloseAccountAsync(output);
    }

    [Theory(Timeout = 120_000)]
    [InlineData(6)]
    [InlineData(20)]
    [InlineData(90)]
    public async Task GivenAnInfectionAtTheEndOfALargeFile_WhenItIsOpened_ThenItIsDenied(int mebibytes)
    {
        await using ClamdServer server = await ClamdServer.StartAsync(WideLimits);
        await using ClamdCase test = await ClamdCase.StartAsync(server.SocketPath, "--max-size", "100M");
        int size = mebibytes << 20;
        string infected = await test.Mount.WriteAsync("infected", ClamdSamples.WithEicarAtEnd(size));

        OpenResult result = await test.OpenAsync(infected);

        Assert.True(result.WasDenied, $"{result.Opener.Line} {result.Decision}");
        Assert.Equal("infected", result.Decision.Verdict);
        output.WriteLine($"{mebibytes} MiB: {result.Elapsed.TotalMilliseconds:F0} ms");
        await test.CloseAccountAsync(output);
    }

    [Theory(Timeout = 60_000)]
    [InlineData("strict")]
    [InlineData("available")]
    public async Task GivenAFileBeyondTheLimit_WhenItIsOpened_ThenTheProfileDecidesAndTheReasonIsItsSize(string profile)
    {
        await using ClamdServer server = await ClamdServer.StartAsync(WideLimits);
        await using ClamdCase test = await ClamdCase.StartAsync(
            await WatchedFileSystem.PrepareAsync(FileSystemKind.Ext4),
            server.SocketPath,
            ["--profile", profile, "--max-size", "1M"]);
        string atLimit = await test.Mount.WriteAsync("at-limit", ClamdSamples.Clean(1 << 20, seed: 2));
        string beyond = await test.Mount.WriteAsync("beyond", ClamdSamples.Clean((1 << 20) + 1, seed: 3));

        OpenResult atLimitResult = await test.OpenAsync(atLimit);
        OpenResult beyondResult = await test.OpenAsync(beyond);

        Assert.True(atLimitResult.WasAllowed, $"{atLimitResult.Opener.Line} {atLimitResult.Decision}");
        Assert.Equal("clean", atLimitResult.Decision.Verdict);
        Assert.Equal(profile == "strict", beyondResult.WasDenied);
        Assert.Equal(ClamdCase.TooLarge, beyondResult.Decision.Reason);
        await test.CloseAccountAsync(output);
    }

    [Fact(Timeout = 60_000)]
    public async Task GivenAClamdThatReportsItsLimits_WhenWhatIsInAnArchiveExceedsThem_ThenItIsTooLargeAndNotInfected()
    {
        Requirement.Tool("zip");
        await using ClamdServer server = await ClamdServer.StartAsync(options =>
        {
            options.MoreLines.Add("AlertExceedsMax yes");
            options.MoreLines.Add("MaxFiles 2");
        });
        await using ClamdCase test = await ClamdCase.StartAsync(server.SocketPath);
        string[] parts = [.. Enumerable.Range(0, 5).Select(
            i => test.Mount.Work.Write($"part{i}", [(byte)i, .. "part"u8]))];
        string archive = await PackAsync(test, "many.zip", "zip", ["-q"], parts);

        OpenResult result = await test.OpenAsync(archive);

        Assert.True(result.WasDenied, $"{result.Opener.Line} {result.Decision}");
        Assert.NotEqual("infected", result.Decision.Verdict);
        Assert.Equal(ClamdCase.TooLarge, result.Decision.Reason);
        await test.CloseAccountAsync(output);
    }

    [Fact(Timeout = 60_000)]
    public async Task GivenAClamdThatLooksAtLessThanWeAsk_WhenAFileIsBetweenTheLimits_ThenItIsTooLarge()
    {
        await using ClamdServer server = await ClamdServer.StartAsync(options => options.MaxFileSize = "1M");
        await using ClamdCase test = await ClamdCase.StartAsync(server.SocketPath, "--max-size", "20M");
        string file = await test.Mount.WriteAsync("large", ClamdSamples.WithEicarAtEnd(2 << 20));

        OpenResult result = await test.OpenAsync(file);

        Assert.True(result.WasDenied, $"{result.Opener.Line} {result.Decision}");
        Assert.Equal(ClamdCase.TooLarge, result.Decision.Reason);
        await test.CloseAccountAsync(output);
    }

    private static void WideLimits(ClamdServerOptions options)
    {
        options.MaxFileSize = "200M";
        options.MaxScanSize = "400M";
    }

    /// <summary>Packs outside of the watched file system, then puts the archive into it.</summary>
    private static Task<string> PackAsync(ClamdCase test, string name, byte[] content, string program, string option) =>
        PackAsync(test, name, program, [option], [test.Mount.Work.Write($"{name}.inside", content)]);

    private static async Task<string> PackAsync(
        ClamdCase test, string name, string program, string[] options, string[] parts)
    {
        string archive = test.Mount.Work.In(name);
        CommandResult packed = await ChildProcess.RunAsync(program, [.. options, archive, .. parts]);
        Assert.True(packed.ExitCode == 0, packed.Output + packed.Error);
        byte[] bytes = await File.ReadAllBytesAsync(archive, TestContext.Current.CancellationToken);
        return await test.Mount.WriteAsync(name, bytes);
    }
}
