using Scanner.SystemTests.Fixtures;

namespace Scanner.SystemTests.Cached;

/// <summary>Clean files in many places, known to one daemon that watches all of them.</summary>
public class WatchedCachedFiles : IAsyncDisposable
{
    private readonly Dictionary<CachedPlace, CachedFiles> _places = [];
    private readonly WorkDirectory _work = new();
    private ScannerProcess? _scanner;

    internal IEnumerable<CachedPlace> Places { get; init; } = Enum.GetValues<CachedPlace>();

    /// <summary>Which ways there is a file for.</summary>
    internal Func<ChangeWay, bool> Ways { get; init; } = _ => true;

    /// <summary>What the daemon is told besides.</summary>
    internal IReadOnlyList<string> Options { get; init; } = ["--profile", "strict"];

    /// <summary>Whether what the held ways open or map is there before the first scan.</summary>
    internal bool HoldsFirst { get; init; } = true;

    internal ScannerProcess Scanner => _scanner!;

    internal IEnumerable<CachedFile> All => _places.Values.SelectMany(files => files.All);

    /// <summary>The files in one place; the first time everything is made, started and made known.</summary>
    internal async Task<CachedFiles> GetAsync(CachedPlace place)
    {
        if (_scanner is null)
        {
            await PrepareAsync();
            WriteSignatures(file => file.Content.Infected);
            await StartScannerAsync();
            await WarmAsync();
        }

        return _places[place];
    }

    /// <summary>Makes the files; nobody watches them yet.</summary>
    internal async Task PrepareAsync()
    {
        Requirement.Daemon();
        await Task.WhenAll(Places.Except(_places.Keys).Select(async place =>
        {
            CachedFiles files = await CachedFiles.CreateAsync(place, ChangeWays.On(place).Where(Ways));
            lock (_places)
            {
                _places.Add(place, files);
            }
        }));
    }

    /// <summary>Replaces the hash list of the built-in engine.</summary>
    internal void WriteSignatures(Func<CachedFile, byte[]> content) =>
        File.WriteAllLines(
            Path.Combine(_work.Subdirectory("signatures"), "changed.hsb"),
            All.Select(file => ChangedContent.Signature(content(file))));

    /// <summary>Starts a daemon with the built-in engine, and with the state that an earlier one has left.</summary>
    internal Task StartScannerAsync() => StartScannerAsync($"signatures:{_work.Subdirectory("signatures")}");

    internal async Task StartScannerAsync(string engine)
    {
        if (_scanner is not null)
        {
            await _scanner.DisposeAsync();
        }

        _scanner = await ScannerProcess.StartAsync(
            [
                .. _places.Values.SelectMany(files => files.Place.Watched),
                "--engine", engine, "--state", _work.Subdirectory("state"), "--json", .. Options,
            ]);
    }

    internal Task WarmAsync() => Task.WhenAll(_places.Values.Select(files => files.WarmAsync(HoldsFirst)));

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);

        // While the daemon still answers: who is killed in an open of another file goes at once.
        foreach (CachedFile file in All)
        {
            file.Dispose();
        }

        if (_scanner is not null)
        {
            await _scanner.DisposeAsync();
        }

        foreach (CachedFiles files in _places.Values)
        {
            await files.DisposeAsync();
        }

        await _work.DisposeAsync();
    }
}
