using Scanner.SystemTests.Openers;

namespace Scanner.SystemTests.Cached;

/// <summary>A clean file that is opened often enough to be known, and the change that is to be made to it.</summary>
internal sealed class CachedFile : IDisposable
{
    private static readonly TimeSpan _lifetime = TimeSpan.FromMinutes(4);

    private readonly string _changed;
    private readonly string _image;
    private Opener? _holder;

    private CachedFile(PlaceMount place, ChangeWay way, ChangedContent content, string name)
    {
        Way = way;
        Content = content;
        Path = System.IO.Path.Combine(place.Path, name);
        _changed = way.IsBelow ? System.IO.Path.Combine(place.Layer, name) : Path;
        Source = place.Mount.Work.Write($"infected-{name.Replace('/', '-')}", content.Infected);
        _image = place.Mount.Image;
    }

    public ChangeWay Way { get; }

    public ChangedContent Content { get; }

    /// <summary>A file that is not watched and has the infected content.</summary>
    public string Source { get; }

    /// <summary>Where the file is opened.</summary>
    public string Path { get; }

    /// <summary>Writes the clean file where it lies, below an overlay that is not mounted yet.</summary>
    public static async Task<CachedFile> CreateAsync(PlaceMount place, ChangeWay way, string name)
    {
        ChangedContent content = new(way.Shape, $"{place.Place} {name}");
        CachedFile file = new(place, way, content, name);
        string mode = way.IsWritableForAll ? "666" : "644";
        await Opener.PutAsync(System.IO.Path.Combine(place.Layer, name), content.Clean, mode);
        return file;
    }

    /// <summary>Opens or maps what a held way needs, which then stays.</summary>
    public async Task HoldAsync()
    {
        if (Way.IsHeld)
        {
            _holder = Opener.Start(_lifetime, Command("change-held"));
            await _holder.SaysAsync("ready");
        }
    }

    /// <summary>Renews what does not last, and has the file opened until it is known again.</summary>
    public async Task RenewAsync()
    {
        if (Way.IsShortLived)
        {
            _holder!.Continue();
            await _holder.SaysAsync("again");
            for (int i = 0; i < CachedFiles.Rounds; i++)
            {
                await AssertCleanAsync();
                await Task.Delay(CachedFiles.Pause, TestContext.Current.CancellationToken);
            }
        }
    }

    /// <summary>Makes the change. A held way keeps what it has until <see cref="LetGoAsync"/>.</summary>
    public async Task ChangeAsync()
    {
        if (_holder is not null)
        {
            _holder.Continue();
            await _holder.SaysAsync("changed");
            return;
        }

        OpenerResult result = await Opener.RunAsync(Command("change"));
        Assert.Equal(OpenerResult.Content(Content.Infected), result.Line);
    }

    public async Task LetGoAsync()
    {
        if (_holder is not null)
        {
            _holder.Continue();
            Assert.Equal(OpenerResult.Content(Content.Infected), (await _holder.ResultAsync()).Line);
        }
    }

    /// <summary>Asserts that everybody can read the clean content.</summary>
    public async Task AssertCleanAsync() =>
        Assert.Equal(OpenerResult.Content(Content.Clean), (await OpenAsync()).Line);

    /// <summary>Opens the file after its change, while a held way still has it and later.</summary>
    /// <returns>What is wrong with the answers; null if the file was denied both times.</returns>
    public async Task<string?> FindFaultAsync()
    {
        OpenerResult first = await OpenAsync();
        await LetGoAsync();
        OpenerResult second = await OpenAsync();
        return first.Line == OpenerResult.Denied && second.Line == OpenerResult.Denied
            ? null
            : $"{Path}, {Way.Name}: at once {first.Line}, later {second.Line}";
    }

    public Task<OpenerResult> OpenAsync() => Opener.RunAsync("open", Path);

    /// <summary>Ends who holds the file.</summary>
    public void Dispose()
    {
        _holder?.Dispose();
        _holder = null;
    }

    private string[] Command(string command) =>
        [command, Way.Command, _changed, Source, Way.KeepsTimes ? "keep" : "new", _image];
}
