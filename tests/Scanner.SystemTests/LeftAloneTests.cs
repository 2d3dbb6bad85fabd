using Scanner.SystemTests.Access;
using Scanner.SystemTests.Fixtures;
using Scanner.SystemTests.Openers;

namespace Scanner.SystemTests;

/// <summary>What has no content to decide on stays usable, and what is odd still gets the right answer.</summary>
public sealed class LeftAloneTests(WatchedFileSystems fileSystems) : IClassFixture<WatchedFileSystems>
{
    private const string Nobody = "65534";

    [Theory(Timeout = 60_000)]
    [MemberData(nameof(FileSystemKinds.All), MemberType = typeof(FileSystemKinds))]
    public async Task GivenAFifo_WhenItIsOpened_ThenItCarriesData(FileSystemKind kind)
    {
        WatchedFileSystem watched = await fileSystems.GetAsync(kind);

        OpenerResult result = await Opener.RunAsync("fifo", watched.Mount.In("fifo"));

        Assert.Equal(OpenerResult.Content("through\n"u8), result.Line);
    }

    [Theory(Timeout = 60_000)]
    [MemberData(nameof(FileSystemKinds.All), MemberType = typeof(FileSystemKinds))]
    public async Task GivenASocket_WhenItIsConnected_ThenItCarriesData(FileSystemKind kind)
    {
        WatchedFileSystem watched = await fileSystems.GetAsync(kind);

        OpenerResult result = await Opener.RunAsync("socket", watched.Mount.In("socket"));

        Assert.Equal(OpenerResult.Content("through\n"u8), result.Line);
    }

    [Theory(Timeout = 60_000)]
    [MemberData(nameof(FileSystemKinds.All), MemberType = typeof(FileSystemKinds))]
    public async Task GivenADevice_WhenItIsOpened_ThenItCanBeRead(FileSystemKind kind)
    {
        WatchedFileSystem watched = await fileSystems.GetAsync(kind);

        OpenerResult result = await Opener.RunAsync("device", watched.Mount.In("device"));

        Assert.Equal(OpenerResult.Content(new byte[8]), result.Line);
    }

    [Theory(Timeout = 60_000)]
    [MemberData(nameof(FileSystemKinds.All), MemberType = typeof(FileSystemKinds))]
    public async Task GivenADirectoryWithAnInfectedFile_WhenItIsListed_ThenItIsComplete(FileSystemKind kind)
    {
        WatchedFileSystem watched = await fileSystems.GetAsync(kind);
        string directory = watched.Mount.Subdirectory("listed");
        await watched.Mount.WriteAsync("listed/infected", Samples.Eicar);

        OpenerResult result = await Opener.RunAsync("directory", directory);

        // With "." and "..".
        Assert.StartsWith("ok 3 ", result.Line);
    }

    [Theory(Timeout = 60_000)]
    [MemberData(nameof(FileSystemKinds.All), MemberType = typeof(FileSystemKinds))]
    public async Task GivenFilesOfModeZero_WhenTheyAreOpened_ThenModeAndContentBothCount(FileSystemKind kind)
    {
        WatchedFileSystem watched = await fileSystems.GetAsync(kind);
        string clean = await watched.Mount.WriteAsync("zero-clean", Samples.CleanText, "000");
        string infected = await watched.Mount.WriteAsync("zero-infected", Samples.Eicar, "000");

        Assert.Equal(OpenerResult.Content(Samples.CleanText), (await Opener.RunAsync("open", clean)).Line);
        Assert.Equal(OpenerResult.Denied, (await Opener.RunAsync("open", infected)).Line);
        Assert.Equal("errno 13 EACCES", (await Opener.RunAsync("as", Nobody, "open", clean)).Line);
    }

    [Theory(Timeout = 60_000)]
    [MemberData(nameof(FileSystemKinds.All), MemberType = typeof(FileSystemKinds))]
    public async Task GivenAnEmptyFile_WhenItIsOpened_ThenItIsClean(FileSystemKind kind)
    {
        WatchedFileSystem watched = await fileSystems.GetAsync(kind);
        string file = await watched.Mount.WriteAsync("empty", []);

        Assert.Equal(OpenerResult.Content([]), (await Opener.RunAsync("open", file)).Line);
    }

    [Theory(Timeout = 180_000)]
    [MemberData(nameof(FileSystemKinds.All), MemberType = typeof(FileSystemKinds))]
    public async Task GivenASparseFileOfFiveGibibytes_WhenItIsOpened_ThenItIsAnsweredAndReadable(FileSystemKind kind)
    {
        const long Length = 5L << 30;
        WatchedFileSystem watched = await fileSystems.GetAsync(kind);
        string file = watched.Mount.In("sparse");
        Assert.StartsWith("ok ", (await Opener.RunAsync("sparse", file, $"{Length}")).Line);

        OpenerResult result = await Opener.RunAsync(TimeSpan.FromSeconds(90), "head", file);

        Assert.StartsWith($"ok {Length} ", result.Line);
    }

    [Theory(Timeout = 60_000)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task GivenOpensThatWait_WhenTheFilesLoseOrChangeTheirNames_ThenTheirContentStillDecides(bool delete)
    {
        WatchedFileSystem watched = await fileSystems.GetAsync(FileSystemKind.Ext4);
        string clean = await watched.Mount.WriteAsync($"pending-clean-{delete}", Samples.CleanText);
        string infected = await watched.Mount.WriteAsync($"pending-infected-{delete}", Samples.Eicar);
        int worker = await watched.Scanner.WorkerAsync();
        Signals.Stop(worker);
        using Opener openerOfClean = Opener.Start(TimeSpan.FromSeconds(20), "open", clean);
        using Opener openerOfInfected = Opener.Start(TimeSpan.FromSeconds(20), "open", infected);
        await openerOfClean.BlockedAsync();
        await openerOfInfected.BlockedAsync();

        // Neither call opens anything.
        Action<string> change = delete ? File.Delete : path => File.Move(path, path + "-moved");
        change(clean);
        change(infected);
        Signals.Continue(worker);

        Assert.Equal(OpenerResult.Content(Samples.CleanText), (await openerOfClean.ResultAsync()).Line);
        Assert.Equal(OpenerResult.Denied, (await openerOfInfected.ResultAsync()).Line);
    }
}
