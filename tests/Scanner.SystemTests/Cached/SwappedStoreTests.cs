using Scanner.SystemTests.Fixtures;
using Scanner.SystemTests.Openers;

namespace Scanner.SystemTests.Cached;

/// <summary>A daemon finds another store where its own was: what that one knows to be clean is infected here.</summary>
public sealed class SwappedStoreTests
{
    private const string Database = "verdicts.db";

    /// <summary>Longer than a store may take to write what it has.</summary>
    private static readonly TimeSpan _stored = TimeSpan.FromSeconds(1.5);

    private readonly ChangedContent _content = new(ContentShape.Different, nameof(SwappedStoreTests));

    /// <summary>Whose store it is.</summary>
    public enum Origin
    {
        /// <summary>Of another file system, with another file of the same name and inode number.</summary>
        OtherContent,

        /// <summary>Of a machine on which the same file system had a clean file of the very same version.</summary>
        OtherMachine,

        /// <summary>Of a daemon that knew fewer signatures, and scanned this very file.</summary>
        OtherEpoch,
    }

    public static TheoryData<Origin, bool> Cases()
    {
        TheoryData<Origin, bool> cases = [];
        foreach (Origin origin in Enum.GetValues<Origin>())
        {
            cases.Add(origin, false);
            cases.Add(origin, true);
        }

        return cases;
    }

    /// <param name="origin">Whose store takes the place of the daemon's own.</param>
    /// <param name="leavesLog">
    /// Whether the write-ahead log of the daemon's own store, which was killed, stays beside it.
    /// </param>
    [Theory(Timeout = 120_000)]
    [MemberData(nameof(Cases))]
    public async Task GivenAStoreThatKnowsAFileAsClean_WhenItIsPutInPlaceOfAnother_ThenTheInfectedFileIsDenied(
        Origin origin, bool leavesLog)
    {
        await using LoopMount mount = await LoopMount.CreateAsync(FileSystemKind.Ext4);
        string lists = WriteLists(mount, "lists", ChangedContent.Signature(_content.Infected));
        string foreign = await MakeForeignAsync(origin, mount, lists);
        string own = mount.Work.Subdirectory("own");
        await using (ScannerProcess scanner = await StartAsync(mount, lists, own))
        {
            await AssertDeniedAsync(mount);
            await Task.Delay(_stored, TestContext.Current.CancellationToken);
            await EndAsync(scanner, isKilled: leavesLog);
        }

        Swap(foreign, own, leavesLog);
        await using ScannerProcess second = await StartAsync(mount, lists, own);
        await AssertDeniedAsync(mount);

        // Not because nothing can be read any more.
        string clean = await mount.WriteAsync("other", [.. _content.Clean, 1]);
        Assert.StartsWith("ok ", (await Opener.RunAsync("open", clean)).Line);
        Assert.Contains(second.Error.Lines, line => line.Contains($"Verdicts are kept in {own}"));
    }

    /// <summary>Has a daemon find the file clean, and leaves the file infected.</summary>
    /// <returns>The directory of that daemon's store.</returns>
    private async Task<string> MakeForeignAsync(Origin origin, LoopMount mount, string lists)
    {
        string store = mount.Work.Subdirectory("foreign");
        switch (origin)
        {
            case Origin.OtherContent:
                await using (LoopMount other = await LoopMount.CreateAsync(FileSystemKind.Ext4))
                {
                    await other.WriteAsync("file", _content.Clean);
                    await FillAsync(other, lists, store, _content.Clean);
                }

                await mount.WriteAsync("file", _content.Infected);
                break;
            case Origin.OtherMachine:
                await mount.WriteAsync("file", _content.Clean);
                await FillAsync(mount, lists, store, _content.Clean);
                await InfectElsewhereAsync(mount);
                break;
            case Origin.OtherEpoch:
                await mount.WriteAsync("file", _content.Infected);
                string fewer = WriteLists(mount, "fewer", ChangedContent.Signature([.. _content.Infected, 1]));
                await FillAsync(mount, fewer, store, _content.Infected);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(origin));
        }

        return store;
    }

    private static async Task FillAsync(LoopMount mount, string lists, string store, byte[] allowed)
    {
        await using ScannerProcess scanner = await StartAsync(mount, lists, store);
        for (int i = 0; i < CachedFiles.Rounds; i++)
        {
            await Task.Delay(CachedFiles.Pause, TestContext.Current.CancellationToken);
            Assert.Equal(OpenerResult.Content(allowed), (await Opener.RunAsync("open", mount.In("file"))).Line);
        }

        await Task.Delay(_stored, TestContext.Current.CancellationToken);
        LayerCounters counters = await LayerCounters.StopAsync(scanner);

        // One on the version, one on the content.
        Assert.True(counters["store", "kept"] >= 2, $"{counters}");
    }

    /// <summary>Writes the content below the file system, which changes nothing of the file's version.</summary>
    private async Task InfectElsewhereAsync(LoopMount mount)
    {
        await mount.ReleaseAsync();
        await mount.AttachAsync(mount.Path);
        string infected = mount.Work.Write("infected", _content.Infected);
        OpenerResult changed = await Opener.RunAsync(
            "change", "image", mount.In("file"), infected, "new", mount.Image);
        Assert.Equal(OpenerResult.Content(_content.Infected), changed.Line);
    }

    private static void Swap(string foreign, string own, bool leavesLog)
    {
        if (!leavesLog)
        {
            Directory.Delete(own, recursive: true);
            Directory.Move(foreign, own);
            return;
        }

        Assert.True(new FileInfo(Path.Combine(own, $"{Database}-wal")).Length > 0, "the log is empty");
        File.Move(Path.Combine(foreign, Database), Path.Combine(own, Database), overwrite: true);
    }

    private static async Task AssertDeniedAsync(LoopMount mount)
    {
        for (int i = 0; i < CachedFiles.Rounds; i++)
        {
            Assert.Equal(OpenerResult.Denied, (await Opener.RunAsync("open", mount.In("file"))).Line);
        }
    }

    private static async Task EndAsync(ScannerProcess scanner, bool isKilled)
    {
        if (isKilled)
        {
            await scanner.KillAsync();
        }
        else
        {
            Assert.Equal(0, await scanner.StopAsync());
        }
    }

    private static string WriteLists(LoopMount mount, string name, string line)
    {
        string directory = mount.Work.Subdirectory(name);
        File.WriteAllText(Path.Combine(directory, "changed.hsb"), line);
        return directory;
    }

    private static Task<ScannerProcess> StartAsync(LoopMount mount, string lists, string state) =>
        ScannerProcess.StartAsync(
            mount.Path, "--engine", $"signatures:{lists}", "--profile", "available", "--json", "--state", state);
}
