using System.Diagnostics;
using Scanner.SystemTests.Access;
using Scanner.SystemTests.Fixtures;
using Scanner.SystemTests.Openers;

namespace Scanner.SystemTests;

/// <summary>
/// Whoever closes a file last that has no name any more frees its blocks, which takes long where it is in many pieces.
/// </summary>
public sealed class DeletedFileTests(ITestOutputHelper output)
{
    private const string User = "65534";
    private const int Files = 6;
    private const int Pieces = 200_000;

    private static readonly TimeSpan _deadline = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _freeing = TimeSpan.FromSeconds(5);

    [Fact(Timeout = 180_000)]
    public async Task GivenFilesThatAUserHasWrittenAndDeleted_WhenTheyAreClosed_ThenOthersDoNotWaitUntilTheyAreFreed()
    {
        await using WatchedFileSystem watched = await WatchedFileSystem.PrepareAsync(FileSystemKind.Ext4);
        await watched.Mount.ReleaseAsync();
        await ChildProcess.MustAsync("truncate", "--size", "8G", watched.Mount.Image);
        await ChildProcess.MustAsync("mkfs.ext4", "-q", "-F", watched.Mount.Image);
        await watched.Mount.AttachAsync(watched.Mount.Path);
        string clean = await watched.Mount.WriteAsync("clean", Samples.CleanText, "666");
        string directory = watched.Mount.Subdirectory("users");
        await ChildProcess.MustAsync("chown", User, directory);
        using ChildProcess user = ChildProcess.StartListening(
            TimeSpan.FromSeconds(150), NativeProgram.At("deleted_files"), [directory, User, $"{Files}", $"{Pieces}"]);
        Assert.Equal("ready", await user.ReadLineAsync());
        await watched.StartScannerAsync([], "--profile", "strict", "--deadline", $"{_deadline.TotalMilliseconds}ms");

        user.Tell("close");
        TimeSpan longest = TimeSpan.Zero;
        for (Stopwatch clock = Stopwatch.StartNew(); clock.Elapsed < _freeing;)
        {
            OpenerResult result = await Opener.RunAsync("open", clean);
            Assert.Equal(OpenerResult.Content(Samples.CleanText), result.Line);
            longest = result.Elapsed > longest ? result.Elapsed : longest;
        }

        output.WriteLine($"longest open {longest}");
        Assert.True(longest < _deadline, $"an open took {longest}");
    }
}
