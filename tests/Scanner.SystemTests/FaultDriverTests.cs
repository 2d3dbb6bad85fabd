using System.Diagnostics;
using System.Globalization;
using Scanner.SystemTests.Faults;
using Scanner.SystemTests.Fixtures;
using Scanner.SystemTests.Openers;

namespace Scanner.SystemTests;

/// <summary>
/// Files turn from clean to infected and back, and many open them, while worker, engine, supervisor and machine meet
/// faults at random moments.
/// </summary>
public sealed class FaultDriverTests(ITestOutputHelper output)
{
    private const int Deaths = 30;
    private const int FewDeaths = 10;
    private const int Opens = 10_000;

    private static readonly TimeSpan _naive = TimeSpan.FromSeconds(60);

    [Theory(Timeout = 240_000)]
    [InlineData(FileSystemKind.Ext4, true, Deaths, 1)]
    [InlineData(FileSystemKind.Xfs, true, FewDeaths, 2)]
    [InlineData(FileSystemKind.Btrfs, false, FewDeaths, 3)]
    [InlineData(FileSystemKind.Tmpfs, true, FewDeaths, 4)]
    public async Task GivenProfileStrict_WhenFaultsComeAtRandomMoments_ThenNothingInfectedIsOpenedAndNobodyIsLeft(
        FileSystemKind kind, bool hasClamd, int deaths, int seed)
    {
        FaultReport report = await RunAsync(kind, hasClamd, "strict", deaths, seed);

        report.AssertStrict();
        Assert.True(report.Opens >= Opens, $"{report}");
    }

    [Theory(Timeout = 240_000)]
    [InlineData(FileSystemKind.Ext4, true, FewDeaths, 5)]
    [InlineData(FileSystemKind.Ext4, false, Deaths, 6)]
    [InlineData(FileSystemKind.Xfs, false, FewDeaths, 7)]
    [InlineData(FileSystemKind.Btrfs, false, FewDeaths, 8)]
    public async Task GivenProfileAvailable_WhenFaultsComeAtRandomMoments_ThenInfectedOpensHaveDocumentedReasons(
        FileSystemKind kind, bool hasClamd, int deaths, int seed)
    {
        FaultReport report = await RunAsync(kind, hasClamd, "available", deaths, seed);

        report.AssertAvailable();

        // It takes clamd longer to settle than workers live here.
        Assert.True(hasClamd || report.MostLeases > 0, $"{report}");
        Assert.True(report.Opens >= Opens, $"{report}");
    }

    [Fact(Timeout = 240_000)]
    public async Task GivenAJournalThatIsNotUsed_WhenTheWorkerIsKilledAgainAndAgain_ThenTheDriverFindsInfectedOpens()
    {
        // Opens that nobody answers any more may leave nobody to open something infected.
        int infected = 0;
        for (int seed = 20; infected == 0 && seed < 24; seed++)
        {
            await using FaultBed bed = await FaultBed.StartAsync(
                FileSystemKind.Ext4, hasClamd: true, "--profile", "strict", "--fault", "journal");
            FaultReport report = await bed.RunAsync(seed, FewDeaths, FaultKind.KillWorker);
            output.WriteLine($"{report}");
            infected = report.InfectedAllowed;
        }

        Assert.NotEqual(0, infected);
    }

    [Fact(Timeout = 240_000)]
    public async Task GivenLeasesKeptByTheProcessThatScans_WhenItIsKilledAgainAndAgain_ThenTheDriverFindsInfectedOpens()
    {
        await using LoopMount mount = await LoopMount.CreateAsync(FileSystemKind.Ext4);
        FaultFiles files = FaultFiles.Create(mount);
        await mount.WriteAsync(".scratch-file-system", []);
        using ChildProcess keeper = ChildProcess.Start(
            _naive, null, NativeProgram.At("naive_keeper"), [mount.Path, files.Infected]);
        Assert.StartsWith("ready ", await keeper.ReadLineAsync());
        FaultDriver driver = new(
            new FaultTarget(keeper.Id, "naive_keeper", files.Clean), new FaultSchedule(seed: 10, [FaultKind.KillWorker]));

        LoadResult result = await files.LoadAsync(seed: 10, () => driver.RunAsync(FewDeaths));

        output.WriteLine($"{driver.Deaths} killed: {result.Line}");
        Assert.True(result.InfectedAllowed > 0, result.Line);
    }

    /// <summary>On request only: SCANNER_SOAK says for how many minutes, SCANNER_SOAK_SEED from which seed on.</summary>
    [Fact(Explicit = true, Timeout = int.MaxValue)]
    public async Task GivenTimeToSoak_WhenFaultsComeAtRandomMoments_ThenNothingGoesWrong()
    {
        string minutes = Environment.GetEnvironmentVariable("SCANNER_SOAK") ?? "60";
        TimeSpan time = TimeSpan.FromMinutes(double.Parse(minutes, CultureInfo.InvariantCulture));
        int seed = int.TryParse(
            Environment.GetEnvironmentVariable("SCANNER_SOAK_SEED"), CultureInfo.InvariantCulture, out int wanted)
                ? wanted
                : Random.Shared.Next();
        Stopwatch clock = Stopwatch.StartNew();
        for (int round = 0; clock.Elapsed < time; round++, seed++)
        {
            bool isStrict = round % 2 == 0;
            bool hasClamd = round / 2 % 2 == 0;
            FileSystemKind kind = Enum.GetValues<FileSystemKind>()[round / 4 % 4];
            FaultReport report = await RunAsync(kind, hasClamd, isStrict ? "strict" : "available", Deaths, seed);
            Action check = isStrict ? report.AssertStrict : report.AssertAvailable;
            check();
        }
    }

    private static async Task<FaultReport> RunAsync(
        FileSystemKind kind, bool hasClamd, string profile, int deaths, int seed)
    {
        Console.WriteLine($"{kind}, {(hasClamd ? "clamd" : "signatures")}, {profile}, seed {seed}");
        await using FaultBed bed = await FaultBed.StartAsync(kind, hasClamd, "--profile", profile);
        FaultReport report = await bed.RunAsync(seed, deaths);
        Console.WriteLine(report);
        return report;
    }
}
