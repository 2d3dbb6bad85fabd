using Scanner.SystemTests.Access;
using Scanner.SystemTests.Fixtures;
using Scanner.SystemTests.Openers;

namespace Scanner.SystemTests.Cached;

/// <summary>Files that change while their file system is mounted where nobody watches.</summary>
public sealed class ChangedWhileUnmountedTests
{
    private static readonly TimeSpan _protected = TimeSpan.FromSeconds(5);

    /// <summary>The image is written below the file system; the others leave at least another change time.</summary>
    private static readonly ChangeWay[] _ways =
    [
        new("image"),
        new("write") { KeepsTimes = true },
        new("mmap-closed") { KeepsTimes = true },
        new("reuse-inode") { KeepsTimes = true },
    ];

    [Theory(Timeout = 90_000)]
    [InlineData(FileSystemKind.Ext4)]
    [InlineData(FileSystemKind.Xfs)]
    public async Task GivenFilesThatAreKnown_WhenTheyChangeWhileUnmounted_ThenTheyAreDenied(FileSystemKind kind)
    {
        await using WatchedFileSystem watched = await WatchedFileSystem.PrepareAsync(kind);
        LoopMount mount = watched.Mount;
        // Not the mount point: once unmounted that would be a directory of the machine's own file system.
        string directory = mount.Subdirectory("in");
        ChangedContent[] contents = [.. _ways.Select(way => new ChangedContent(way.Shape, way.Name))];
        for (int i = 0; i < _ways.Length; i++)
        {
            await mount.WriteAsync($"in/{i}", contents[i].Clean);
        }

        string canary = await mount.WriteAsync("in/canary", Samples.Eicar);
        await using ScannerProcess scanner = await StartAsync(mount, directory, contents);
        await OpenOftenAsync(directory, contents);
        await ChangeElsewhereAsync(watched, contents);
        bool isProtected = await Poll.UntilAsync(
            _protected, async () => (await Opener.RunAsync("open", canary)).Line == OpenerResult.Denied);
        Assert.True(isProtected, $"the file system that came back is not protected:\n{scanner}");

        for (int i = 0; i < _ways.Length; i++)
        {
            string line = (await Opener.RunAsync("open", Path.Combine(directory, $"{i}"))).Line;
            Assert.True(line == OpenerResult.Denied, $"{_ways[i].Name}: {line}\n{scanner}");
        }
    }

    private static async Task<ScannerProcess> StartAsync(LoopMount mount, string directory, ChangedContent[] contents)
    {
        string signatures = mount.Work.Subdirectory("signatures");
        await File.WriteAllLinesAsync(
            Path.Combine(signatures, "changed.hsb"),
            contents.Select(content => ChangedContent.Signature(content.Infected)),
            TestContext.Current.CancellationToken);
        return await ScannerProcess.StartAsync(
            directory, "--engine", $"signatures:{signatures}", "--profile", "strict", "--json",
            "--state", mount.Work.Subdirectory("state"));
    }

    private static async Task OpenOftenAsync(string directory, ChangedContent[] contents)
    {
        for (int round = 0; round < CachedFiles.Rounds; round++)
        {
            for (int i = 0; i < contents.Length; i++)
            {
                OpenerResult result = await Opener.RunAsync("open", Path.Combine(directory, $"{i}"));
                Assert.Equal(OpenerResult.Content(contents[i].Clean), result.Line);
            }

            await Task.Delay(CachedFiles.Pause, TestContext.Current.CancellationToken);
        }
    }

    private static async Task ChangeElsewhereAsync(WatchedFileSystem watched, ChangedContent[] contents)
    {
        LoopMount mount = watched.Mount;
        await mount.ReleaseAsync();
        await mount.AttachAsync(watched.Place);
        for (int i = 0; i < contents.Length; i++)
        {
            string source = mount.Work.Write($"infected{i}", contents[i].Infected);
            string file = Path.Combine(watched.Place, "in", $"{i}");
            OpenerResult result = await Opener.RunAsync("change", _ways[i].Command, file, source, "keep", mount.Image);
            Assert.Equal(OpenerResult.Content(contents[i].Infected), result.Line);
        }

        (await LoopMount.DetachAsync(watched.Place)).AssertSucceeded();
        await mount.AttachAsync(mount.Path);
    }
}
