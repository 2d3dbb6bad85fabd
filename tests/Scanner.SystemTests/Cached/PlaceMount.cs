using Scanner.SystemTests.Fixtures;

namespace Scanner.SystemTests.Cached;

/// <summary>A new file system with an overlay on it where the place asks for one.</summary>
internal sealed class PlaceMount : IAsyncDisposable
{
    private const string Upper = "upper";
    private const string Lower = "lower";

    private PlaceMount(CachedPlace place, LoopMount mount)
    {
        Place = place;
        Mount = mount;
    }

    public CachedPlace Place { get; }

    public LoopMount Mount { get; }

    /// <summary>Where the files are opened.</summary>
    public string Path => Place.IsOverlay() ? Mount.Work.In("merged") : Mount.Path;

    /// <summary>The directories to watch.</summary>
    public IEnumerable<string> Watched =>
        Place == CachedPlace.OverlayAndBacking ? [Path, Mount.Path] : [Path];

    /// <summary>Where the files lie.</summary>
    public string Layer =>
        Place switch
        {
            CachedPlace.OverlayLower => Mount.In(Lower),
            CachedPlace.Overlay or CachedPlace.OverlayAndBacking => Mount.In(Upper),
            _ => Mount.Path,
        };

    /// <summary>Makes the file system; an overlay is put on it by <see cref="AttachOverlayAsync"/>.</summary>
    public static async Task<PlaceMount> CreateAsync(CachedPlace place)
    {
        PlaceMount created = new(place, await LoopMount.CreateAsync(place.Kind()));
        Directory.CreateDirectory(created.Layer);
        return created;
    }

    /// <summary>Mounts the overlay, if the place is one. What its layers hold has to be there before.</summary>
    public async Task AttachOverlayAsync()
    {
        if (!Place.IsOverlay())
        {
            return;
        }

        string merged = Mount.Work.Subdirectory("merged");
        string work = Mount.Subdirectory("work");
        string layers = $"lowerdir={Mount.Subdirectory(Lower)},upperdir={Mount.Subdirectory(Upper)},workdir={work}";
        CommandResult result = await ChildProcess.RunAsync("mount", "-t", "overlay", "overlay", "-o", layers, merged);
        Requirement.Met(!result.Error.Contains("unknown filesystem type"), "this kernel has no overlay");
        result.AssertSucceeded();
    }

    public ValueTask DisposeAsync() => Mount.DisposeAsync();
}
