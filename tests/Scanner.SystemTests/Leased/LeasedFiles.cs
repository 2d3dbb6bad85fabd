using Scanner.SystemTests.Cached;
using Scanner.SystemTests.Fixtures;
using Scanner.SystemTests.Openers;

namespace Scanner.SystemTests.Leased;

/// <summary>Clean files that any user can write, all alike, each with an infected content that it may get.</summary>
internal sealed class LeasedFiles : IAsyncDisposable
{
    /// <summary>The first open has a file scanned, the second finds it known; the others are for good measure.</summary>
    private const int Rounds = 3;

    private static readonly TimeSpan _warm = TimeSpan.FromSeconds(10);

    private readonly List<ChangedContent> _contents = [];
    private ScannerProcess? _scanner;

    private LeasedFiles(LoopMount mount) => Mount = mount;

    public LoopMount Mount { get; }

    public ScannerProcess Scanner => _scanner!;

    public int Count => _contents.Count;

    /// <summary>A list of the files as the load commands of the opener read it.</summary>
    public string List => Mount.Work.In("list");

    /// <summary>A list of the files that the infected contents lie in.</summary>
    public string Infected => Mount.Work.In("infected");

    /// <summary>Makes the files; nobody watches them yet.</summary>
    public static async Task<LeasedFiles> PrepareAsync(FileSystemKind kind, int count)
    {
        Requirement.Daemon();
        LeasedFiles files = new(await LoopMount.CreateAsync(kind));
        try
        {
            for (int i = 0; i < count; i++)
            {
                ChangedContent content = new(ContentShape.Different, $"{kind} {i}");
                files._contents.Add(content);
                File.WriteAllBytes(files.PathOf(i), content.Clean);
                File.SetUnixFileMode(files.PathOf(i), (UnixFileMode)0b110_110_110);
                files.Mount.Work.Write($"infected{i}", content.Infected);
            }

            string signatures = files.Mount.Work.Subdirectory("signatures");
            File.WriteAllLines(
                Path.Combine(signatures, "changed.hsb"),
                files._contents.Select(content => ChangedContent.Signature(content.Infected)));
            File.WriteAllLines(files.List, Enumerable.Range(0, count).Select(i => $"c {files.PathOf(i)}"));
            File.WriteAllLines(files.Infected, Enumerable.Range(0, count).Select(i => files.Mount.Work.In($"infected{i}")));
            return files;
        }
        catch
        {
            await files.DisposeAsync();
            throw;
        }
    }

    /// <summary>Makes the files and starts a daemon that keeps leases.</summary>
    public static async Task<LeasedFiles> StartAsync(FileSystemKind kind, int count, params string[] options)
    {
        LeasedFiles files = await PrepareAsync(kind, count);
        await files.StartScannerAsync([], options);
        return files;
    }

    public async Task StartScannerAsync(string[] prefix, params string[] options)
    {
        try
        {
            _scanner = await ScannerProcess.StartBehindAsync(
                prefix,
                [
                    Mount.Path, "--engine", $"signatures:{Mount.Work.In("signatures")}", "--json",
                    "--state", Mount.Work.Subdirectory("state"), .. options,
                ]);
        }
        catch
        {
            await Mount.DisposeAsync();
            throw;
        }
    }

    public string PathOf(int file) => Mount.In($"file{file}");

    /// <summary>Has each file opened until it is known.</summary>
    public async Task OpenAllAsync(string? list = null)
    {
        for (int round = 0; round < Rounds; round++)
        {
            LoadResult result = LoadResult.From(await Opener.RunAsync("sweep", "1", list ?? List, "20"));
            Assert.True(result.CleanAllowed == result.Opens, result.Line);
        }
    }

    /// <summary>Has each file opened until a lease is kept on it: what comes too fast is not taken at once.</summary>
    public async Task WarmAsync()
    {
        bool isWarm = await Poll.UntilAsync(_warm, async () =>
        {
            await OpenAllAsync();
            return KeptLeases.In(Scanner, Mount.Path).Count == Count;
        });
        Assert.True(isWarm, $"{KeptLeases.In(Scanner, Mount.Path).Count} leases are kept, not {Count}");
    }

    /// <summary>Makes a file infected, by default through a mapping whose descriptor is closed.</summary>
    /// <returns>How long that took.</returns>
    public async Task<TimeSpan> ChangeAsync(int file, string way = "mmap-closed")
    {
        OpenerResult result = await Opener.RunAsync(
            "change", way, PathOf(file), Mount.Work.In($"infected{file}"), "keep", Mount.Image);
        Assert.Equal(OpenerResult.Content(_contents[file].Infected), result.Line);
        return result.Elapsed;
    }

    public Task<OpenerResult> OpenAsync(int file) => Opener.RunAsync("open", PathOf(file));

    public async Task AssertDeniedAsync(int file) =>
        Assert.Equal(OpenerResult.Denied, (await OpenAsync(file)).Line);

    public async Task AssertCleanAsync(int file) =>
        Assert.Equal(OpenerResult.Content(_contents[file].Clean), (await OpenAsync(file)).Line);

    public async ValueTask DisposeAsync()
    {
        if (_scanner is not null)
        {
            await _scanner.DisposeAsync();
        }

        await Mount.DisposeAsync();
    }
}
