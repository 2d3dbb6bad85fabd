using Scanner.SystemTests.Access;
using Scanner.SystemTests.Fixtures;
using Scanner.SystemTests.Openers;

namespace Scanner.SystemTests;

/// <summary>A watched directory below its file system's root: what belongs to it, and what only looks so.</summary>
public sealed class CoverageTests : IAsyncLifetime
{
    private const string Nobody = "65534";

    private LoopMount _mount = null!;
    private ScannerProcess _scanner = null!;
    private string _inside = null!;
    private string _outside = null!;
    private string _place = null!;

    public async ValueTask InitializeAsync()
    {
        Requirement.Daemon();
        _mount = await LoopMount.CreateAsync(FileSystemKind.Ext4);
        _inside = _mount.Subdirectory("inside");
        _outside = _mount.Subdirectory("outside");
        _place = _mount.Work.Subdirectory("place");
        foreach (string directory in (string[])["inside", "outside", "inside-out"])
        {
            _mount.Subdirectory(directory);
            await _mount.WriteAsync($"{directory}/infected", Samples.Eicar);
            await _mount.WriteAsync($"{directory}/clean", Samples.CleanText);
        }

        _scanner = await ScannerProcess.StartAsync(_inside, "--json", "--state", _mount.Work.Subdirectory("state"));
    }

    public async ValueTask DisposeAsync()
    {
        if (_scanner is not null)
        {
            await _scanner.DisposeAsync();
        }

        if (_mount is not null)
        {
            await _mount.DisposeAsync();
        }
    }

    [Fact(Timeout = 60_000)]
    public async Task GivenAWatchedDirectory_WhenFilesInAndOutsideAreOpened_ThenOnlyThoseInsideAreDecidedOn()
    {
        await AssertOpenAsync(OpenerResult.Denied, "open", Path.Combine(_inside, "infected"));
        await AssertOpenAsync(OpenerResult.Content(Samples.CleanText), "open", Path.Combine(_inside, "clean"));
        await AssertOpenAsync(OpenerResult.Content(Samples.Eicar), "open", Path.Combine(_outside, "infected"));
    }

    [Fact(Timeout = 60_000)]
    public async Task GivenADirectoryWhoseNameOnlyBeginsAlike_WhenItsFilesAreOpened_ThenTheyAreNotDecidedOn() =>
        await AssertOpenAsync(OpenerResult.Content(Samples.Eicar), "open", _mount.In("inside-out/infected"));

    [Fact(Timeout = 60_000)]
    public async Task GivenASubdirectoryMadeLater_WhenItsFilesAreOpened_ThenTheyAreDecidedOn()
    {
        _mount.Subdirectory("inside/later/and/deeper");
        string file = await _mount.WriteAsync("inside/later/and/deeper/infected", Samples.Eicar);

        await AssertOpenAsync(OpenerResult.Denied, "open", file);
    }

    [Fact(Timeout = 60_000)]
    public async Task GivenABindMountOfTheDirectory_WhenItsFilesAreOpenedThere_ThenTheyAreDecidedOn()
    {
        await BindAsync(_inside, _place);

        await AssertOpenAsync(OpenerResult.Denied, "open", Path.Combine(_place, "infected"));
        await AssertOpenAsync(OpenerResult.Content(Samples.CleanText), "open", Path.Combine(_place, "clean"));
    }

    [Fact(Timeout = 60_000)]
    public async Task GivenABindMountOverTheWatchedDirectory_WhenItsFilesAreReachedElsewhere_ThenTheyAreDenied()
    {
        // What now appears under the watched path is a directory from outside, for which nothing is promised.
        await BindAsync(_inside, _place);
        await BindAsync(_outside, _inside);

        await AssertOpenAsync(OpenerResult.Denied, "open", Path.Combine(_place, "infected"));
    }

    [Fact(Timeout = 60_000)]
    public async Task GivenANamespaceOfAUsersOwn_WhenAFileOutsideIsOpened_ThenItIsDecidedOnAllTheSame()
    {
        string infected = Path.Combine(_outside, "infected");
        string clean = Path.Combine(_outside, "clean");

        await AssertOpenAsync(OpenerResult.Denied, "as", Nobody, "unshare-rm", "open", infected);
        await AssertOpenAsync(
            OpenerResult.Content(Samples.CleanText), "as", Nobody, "unshare-rm", "open", clean);
    }

    [Fact(Timeout = 60_000)]
    public async Task GivenAUserWhoMakesAPathLookLikeOneOutside_WhenTheFileIsOpened_ThenItIsDenied()
    {
        string looksOutside = Path.Combine(_outside, "infected");

        await AssertOpenAsync(
            OpenerResult.Denied, "as", Nobody, "unshare-rm", "bind", _inside, _outside, "open", looksOutside);
    }

    [Fact(Timeout = 60_000)]
    public async Task GivenAHardLinkOutside_WhenItIsOpened_ThenOnlyItsNameInsideIsDecidedOn()
    {
        // A file has no directory of its own, so the name that was used counts; the documentation says so.
        OpenerResult link = await Opener.RunAsync("link", Path.Combine(_inside, "infected"), _mount.In("outside/link"));

        Assert.Equal(OpenerResult.Content(Samples.Eicar), link.Line);
        await AssertOpenAsync(OpenerResult.Denied, "open", Path.Combine(_inside, "infected"));
    }

    private static async Task AssertOpenAsync(string expected, params string[] arguments) =>
        Assert.Equal(expected, (await Opener.RunAsync(arguments)).Line);

    private static async Task BindAsync(string from, string to)
    {
        CommandResult bind = await ChildProcess.RunAsync("mount", "--bind", from, to);
        bind.AssertSucceeded();
    }
}
