using Scanner.SystemTests.Fixtures;
using Scanner.SystemTests.Openers;
using Scanner.Testing.Clamd;

namespace Scanner.SystemTests.Cached;

/// <summary>Files that change, and a database that changes, with the real clamd.</summary>
public sealed class ChangedUnderClamdTests
{
    private static readonly TimeSpan _loaded = TimeSpan.FromSeconds(20);

    /// <summary>Within which a database that clamd uses is noticed.</summary>
    private static readonly TimeSpan _noticed = TimeSpan.FromSeconds(2);

    [Fact(Timeout = 120_000)]
    public async Task GivenFilesThatClamdFoundClean_WhenTheyBecomeInfected_ThenTheyAreDenied()
    {
        await using WatchedCachedFiles watched = Files(way => way.KeepsTimes
            && way.Command is "write" or "direct" or "splice" or "mmap-closed" or "reuse-inode" or "rename");
        await using ClamdServer server = await StartAsync(watched, file => file.Content.Infected);

        List<string> faults = [];
        foreach (CachedFile file in watched.All)
        {
            await file.ChangeAsync();
            if (await file.FindFaultAsync() is { } fault)
            {
                faults.Add(fault);
            }
        }

        Assert.Equal([], faults);
    }

    [Fact(Timeout = 120_000)]
    public async Task GivenFilesThatClamdFoundClean_WhenItsDatabaseLearnsOfThem_ThenTheyAreDenied()
    {
        await using WatchedCachedFiles watched = Files(way => way is { Command: "write", IsHeld: false });
        await using ClamdServer server = await StartAsync(watched, file => file.Content.Infected);
        CachedFile first = watched.All.First();
        string copy = server.Write("copy", first.Content.Clean);

        foreach (CachedFile file in watched.All)
        {
            ClamdSamples.AddSignature(server.DatabaseDirectory, "Test.Learnt", file.Content.Clean);
        }

        await server.ReloadAsync();
        bool isLoaded = await Poll.UntilAsync(
            _loaded, async () => (await server.AskAsync($"SCAN {copy}")).EndsWith("FOUND", StringComparison.Ordinal));
        Assert.True(isLoaded, server.Log);

        foreach (CachedFile file in watched.All)
        {
            Assert.True(
                await Poll.UntilAsync(_noticed, async () => (await file.OpenAsync()).Line == OpenerResult.Denied),
                $"{file.Path} is still allowed:\n{watched.Scanner}");
        }
    }

    private static WatchedCachedFiles Files(Func<ChangeWay, bool> ways) =>
        new()
        {
            Places = [CachedPlace.Ext4, CachedPlace.Xfs, CachedPlace.Btrfs, CachedPlace.Tmpfs, CachedPlace.Overlay],
            Ways = ways,
        };

    /// <summary>Starts a clamd that knows some contents, and a daemon that asks it and knows the files.</summary>
    private static async Task<ClamdServer> StartAsync(
        WatchedCachedFiles watched, Func<CachedFile, byte[]> content)
    {
        await watched.PrepareAsync();
        ClamdServer server = ClamdServer.Prepare();
        try
        {
            foreach (CachedFile file in watched.All)
            {
                ClamdSamples.AddSignature(server.DatabaseDirectory, "Test.Changed", content(file));
            }

            await server.StartAgainAsync();
            await watched.StartScannerAsync($"clamd:{server.SocketPath}");
            await watched.WarmAsync();
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }
}
