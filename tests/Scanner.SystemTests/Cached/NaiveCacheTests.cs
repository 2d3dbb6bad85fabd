using Scanner.SystemTests.Fixtures;
using Scanner.SystemTests.Openers;

namespace Scanner.SystemTests.Cached;

/// <summary>The changes deceive the cache that everybody writes first; else surviving them proves nothing.</summary>
public sealed class NaiveCacheTests(ITestOutputHelper output)
{
    /// <summary>Whether a way leaves inode number, size and modification time as the cache has seen them.</summary>
    /// <returns>Null where that is chance.</returns>
    private static bool? LeavesNoTrace(ChangeWay way) =>
        way switch
        {
            // Writes below the file system, and later stores to a page that is dirty already, touch no file.
            { Command: "image" or "mmap-dirty" } => true,
            { Shape: ContentShape.Beginning } => false,
            // The new file may have got the number of one that was removed here, and both were made in one tick.
            { Command: "rename" or "exchange", KeepsTimes: true } => null,
            _ => way.KeepsTimes,
        };

    /// <summary>
    /// Whether a way leaves a mark that lets a file pass unasked. While somebody has a file open for writing the kernel
    /// sets none, and says nothing (fanotify_add_inode_mark() in Linux 6.18).
    /// </summary>
    private static bool LeavesTheMark(ChangeWay way) =>
        !way.IsHeld
        && way.Command is "mmap" or "mmap-msync" or "mmap-closed" or "mmap-closed-msync" or "aio" or "image";

    [Fact(Timeout = 120_000)]
    public Task GivenACacheByInodeSizeAndMtime_WhenFilesChange_ThenItIsDeceivedByEveryWayThatKeepsThese() =>
        AssertDeceivedAsync([], LeavesNoTrace);

    [Fact(Timeout = 120_000)]
    public Task GivenMarksWithoutLeases_WhenFilesChange_ThenTheyAreDeceivedByEveryWayThatTheKernelDoesNotNotice() =>
        AssertDeceivedAsync(["marks"], way => LeavesTheMark(way));

    private async Task AssertDeceivedAsync(string[] options, Func<ChangeWay, bool?> isDeceiving)
    {
        await using CachedFiles files = await CachedFiles.CreateAsync(
            CachedPlace.Ext4, ChangeWays.On(CachedPlace.Ext4));
        using ChildProcess responder = await StartResponderAsync(files, options);
        await files.WarmAsync();

        List<string> wrong = [];
        foreach (CachedFile file in files.All)
        {
            await file.RenewAsync();
            await file.ChangeAsync();
            OpenerResult result = await file.OpenAsync();
            await file.LetGoAsync();
            output.WriteLine($"{file.Way.Name}: {result.Line}");
            string expected = isDeceiving(file.Way) == true
                ? OpenerResult.Content(file.Content.Infected)
                : OpenerResult.Denied;
            if (isDeceiving(file.Way) is not null && result.Line != expected)
            {
                wrong.Add(file.Way.Name);
            }
        }

        Assert.Equal([], wrong);
    }

    private static async Task<ChildProcess> StartResponderAsync(CachedFiles files, string[] options)
    {
        await files.Place.Mount.WriteAsync(".scratch-file-system", []);
        string list = files.Place.Mount.Work.In("infected-files");
        await File.WriteAllLinesAsync(
            list, files.All.Select(file => file.Source), TestContext.Current.CancellationToken);
        ChildProcess responder = ChildProcess.Start(
            TimeSpan.FromSeconds(110), null, NativeProgram.At("naive_responder"), [files.Place.Path, list, .. options]);
        Assert.Equal("ready", await responder.ReadLineAsync());
        return responder;
    }
}
