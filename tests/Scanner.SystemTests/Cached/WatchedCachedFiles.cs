using Scanner.SystemTests.Fixtures;

namespace Scanner.SystemTests.Cached;

/// <summary>Clean files in every place, known to one daemon that watches all of them; made at first use.</summary>
public sealed class WatchedCachedFiles : IAsyncDisposable
{
    private readonly Dictionary<CachedPlace, CachedFiles> _places = [];
    private readonly WorkDirectory _work = new();
    private ScannerProcess? _scanner;

    internal ScannerProcess Scanner => _scanner!;

    internal async Task<CachedFiles> GetAsync(CachedPlace place)
    {
        if (_scanner is null)
        {
            await StartAsync();
        }

        return _places[place];
    }

    public async ValueTask DisposeAsync()
    {
        // While the daemon still answers: who holds a file may have to open another.
        foreach (CachedFiles files in _places.Values)
        {
            foreach (CachedFile file in files.All)
            {
                file.Dispose();
            }
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

    private async Task StartAsync()
    {
        Requirement.Daemon();
        foreach (CachedPlace place in Enum.GetValues<CachedPlace>().Except(_places.Keys))
        {
            _places.Add(place, await CachedFiles.CreateAsync(place, ChangeWays.On(place)));
        }

        string signatures = CachedFiles.WriteSignatures(_work.In("signatures"), _places.Values);
        _scanner = await ScannerProcess.StartAsync(
            [
                .. _places.Values.SelectMany(files => files.Place.Watched),
                "--engine", $"signatures:{signatures}", "--state", _work.Subdirectory("state"),
                "--profile", "strict", "--json",
            ]);
        foreach (CachedFiles files in _places.Values)
        {
            await files.WarmAsync();
        }
    }
}
