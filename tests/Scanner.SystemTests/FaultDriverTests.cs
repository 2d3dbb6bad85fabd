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

    public static TheoryData<FileSystemKind, bool, int, int> Strict() => new()
    {
        { FileSystemKind.Ext4, true, Deaths, 1 },
        { FileSystemKind.Xfs, true, FewDeaths, 2 },
        { FileSystemKind.Btrfs, false, FewDeaths, 3 },
        { FileSystemKind.Tmpfs, true, FewDeaths, 4 },
    };

    public static TheoryData<FileSystemKind, bool, int, int> Available() => new()
    {
        { FileSystemKind.Ext4, true, FewDeaths, 5 },
        { FileSystemKind.Ext4, false, Deaths, 6 },
        { FileSystemKind.Xfs, false, FewDeaths, 7 },
        { FileSystemKind.Btrfs, false, FewDeaths, 8 },
    };

    [Theory(Timeout = 240_000)]
    [MemberData(nameof(Strict))]
    [MemberData(nameof(Soak.Runs), MemberType = typeof(Soak))]
    public async Task GivenProfileStrict_WhenFaultsComeAtRandomMoments_ThenNothingInfectedIsOpenedAndNobodyIsLeft(
        FileSystemKind kind, bool hasClamd, int deaths, int seed)
    {
        FaultReport report = await RunAsync(kind, hasClamd, "strict", deaths, seed);

        report.AssertStrict();
        Assert.True(report.Opens >= Opens, $"{report}");
    }

    [Theory(Timeout = 240_000)]
    [MemberData(nameof(Available))]
    [MemberData(nameof(Soak.Runs), MemberType = typeof(Soak))]
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
