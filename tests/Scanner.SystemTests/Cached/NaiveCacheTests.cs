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

    [Fact(Timeout = 120_000)]
    public async Task GivenACacheByInodeSizeAndMtime_WhenFilesChange_ThenItIsDeceivedByEveryWayThatKeepsThese()
    {
        await using CachedFiles files = await CachedFiles.CreateAsync(
            CachedPlace.Ext4, ChangeWays.On(CachedPlace.Ext4));
        using ChildProcess responder = await StartResponderAsync(files);
        await files.WarmAsync();

        List<string> wrong = [];
        foreach (CachedFile file in files.All)
        {
            await file.RenewAsync();
            await file.ChangeAsync();
            OpenerResult result = await file.OpenAsync();
            await file.LetGoAsync();
            output.WriteLine($"{file.Way.Name}: {result.Line}");
            string expected = LeavesNoTrace(file.Way) == true
                ? OpenerResult.Content(file.Content.Infected)
                : OpenerResult.Denied;
            if (LeavesNoTrace(file.Way) is not null && result.Line != expected)
            {
                wrong.Add(file.Way.Name);
            }
        }

        Assert.Equal([], wrong);
    }

    private static async Task<ChildProcess> StartResponderAsync(CachedFiles files)
    {
        await files.Place.Mount.WriteAsync(".scratch-file-system", []);
        string list = files.Place.Mount.Work.In("infected-files");
        await File.WriteAllLinesAsync(
            list, files.All.Select(file => file.Source), TestContext.Current.CancellationToken);
        ChildProcess responder = ChildProcess.Start(
            TimeSpan.FromSeconds(110), null, NativeProgram.At("naive_responder"), [files.Place.Path, list]);
        Assert.Equal("ready", await responder.ReadLineAsync());
        return responder;
    }
}
