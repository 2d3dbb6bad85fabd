using System.Text;
using Scanner.SystemTests.Fixtures;
using Scanner.SystemTests.Openers;

namespace Scanner.SystemTests.Cached;

/// <summary>Clean files on one file system, one for each way to change them.</summary>
internal sealed class CachedFiles : IAsyncDisposable
{
    /// <summary>Opens of each file before it is changed: enough for a cache that trusts at second sight.</summary>
    public const int Rounds = 4;

    /// <summary>Longer than the timestamps of any file system here are coarse.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(150);

    private readonly Dictionary<string, CachedFile> _files = [];

    private CachedFiles(PlaceMount place) => Place = place;

    public PlaceMount Place { get; }

    public IReadOnlyCollection<CachedFile> All => _files.Values;

    /// <summary>Makes the file system and writes the files. Nobody may watch it yet.</summary>
    public static async Task<CachedFiles> CreateAsync(CachedPlace place, IEnumerable<ChangeWay> ways)
    {
        CachedFiles files = new(await PlaceMount.CreateAsync(place));
        try
        {
            await files.WriteAsync(ways);
            await files.Place.AttachOverlayAsync();
            return files;
        }
        catch
        {
            await files.DisposeAsync();
            throw;
        }
    }

    public CachedFile this[ChangeWay way] => _files[way.Name];

    /// <summary>Starts the writers that come before every scan, then has each file opened several times.</summary>
    public async Task WarmAsync(bool holdsFirst = true)
    {
        foreach (CachedFile file in holdsFirst ? All : [])
        {
            await file.HoldAsync();
        }

        byte[] lines = Encoding.UTF8.GetBytes(string.Concat(All.Select(file => $"c {file.Path}\n")));
        string list = Place.Mount.Work.Write("clean-files", lines);
        for (int i = 0; i < Rounds; i++)
        {
            LoadResult result = LoadResult.From(await Opener.RunAsync("sweep", "1", list, "20"));
            Assert.Equal(All.Count, result.CleanAllowed);
            await Task.Delay(Pause, TestContext.Current.CancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (CachedFile file in All)
        {
            file.Dispose();
        }

        await Place.DisposeAsync();
    }

    private async Task WriteAsync(IEnumerable<ChangeWay> ways)
    {
        foreach (ChangeWay way in ways)
        {
            string directory = $"{_files.Count}-{way.Command}";
            Directory.CreateDirectory(Path.Combine(Place.Layer, directory));
            if (way.Command == "image" && Place.Place == CachedPlace.Btrfs)
            {
                // Else its checksums make what was written below it unreadable, which would prove nothing.
                CommandResult result = await ChildProcess.RunAsync(
                    "chattr", "+C", Path.Combine(Place.Layer, directory));
                result.AssertSucceeded();
            }

            _files.Add(way.Name, await CachedFile.CreateAsync(Place, way, $"{directory}/file"));
        }
    }
}
