using Scanner.SystemTests.Access;
using Scanner.SystemTests.Fixtures;
using Scanner.SystemTests.Openers;

namespace Scanner.SystemTests.Cached;

/// <summary>A watched place with an infected file, written while nobody watched.</summary>
internal sealed class ShortcutBed : IAsyncDisposable
{
    private const string Name = "infected";

    private readonly PlaceMount _place;

    private ShortcutBed(PlaceMount place) => _place = place;

    public ScannerProcess Scanner { get; private set; } = null!;

    /// <summary>The path by which the infected file is opened.</summary>
    public string Infected => In(Name);

    /// <summary>Where an overlay keeps its own copy of the infected file, once it has one.</summary>
    public string InUpperLayer => _place.Mount.In($"upper/{Name}");

    public static Task<ShortcutBed> StartAsync(CachedPlace place, params string[] options) =>
        StartAsync(place, created => created.Layer, options);

    /// <summary>The same, with the file in an overlay's lower layer.</summary>
    public static Task<ShortcutBed> StartInLowerLayerAsync(CachedPlace place) =>
        StartAsync(place, created => created.Mount.Subdirectory("lower"), []);

    private static async Task<ShortcutBed> StartAsync(
        CachedPlace place, Func<PlaceMount, string> layer, string[] options)
    {
        Requirement.Daemon();
        ShortcutBed bed = new(await PlaceMount.CreateAsync(place));
        try
        {
            await Opener.PutAsync(Path.Combine(layer(bed._place), Name), Samples.Eicar);
            await bed._place.AttachOverlayAsync();
            bed.Scanner = await ScannerProcess.StartAsync(
                [.. bed._place.Watched, "--engine", "signatures", "--profile", "strict", "--json", .. options]);
            return bed;
        }
        catch
        {
            await bed.DisposeAsync();
            throw;
        }
    }

    public string In(string name) => Path.Combine(_place.Path, name);

    /// <summary>Opens the infected file by one system call.</summary>
    /// <returns>What the opener says.</returns>
    public async Task<string> CallAsync(string call, string flags) =>
        (await Opener.RunAsync("call", call, flags, Infected)).Line;

    public async ValueTask DisposeAsync()
    {
        if (Scanner is not null)
        {
            await Scanner.DisposeAsync();
        }

        await _place.DisposeAsync();
    }
}
