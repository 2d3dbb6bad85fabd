using Scanner.SystemTests.Access;
using Scanner.SystemTests.Fixtures;
using Scanner.SystemTests.Openers;
using Scanner.Testing.Clamd;

namespace Scanner.SystemTests.Clamd;

/// <summary>A clamd that works on the very file system it decides about must not wait for itself.</summary>
public sealed class OwnOpensTests(ITestOutputHelper output)
{
    [Theory(Timeout = 90_000)]
    [MemberData(nameof(FileSystemKinds.All), MemberType = typeof(FileSystemKinds))]
    public async Task GivenClamdsFilesInTheWatchedDirectory_WhenArchivesAreOpened_ThenTheyAreScannedAndOthersAreAskedThere(
        FileSystemKind kind)
    {
        Requirement.Tool("zip");
        WatchedFileSystem watched = await WatchedFileSystem.PrepareAsync(kind);
        string data = watched.Mount.Subdirectory("clamd");
        await using ClamdServer server = await ClamdServer.StartAsync(options => options.DataDirectory = data);
        await using ClamdCase test = await ClamdCase.StartAsync(watched, server.SocketPath, ["--profile", "strict"]);
        string[] archives = await ArchivesAsync(test, 10);

        List<OpenResult> results = [];
        foreach (string archive in archives)
        {
            results.Add(await test.OpenAsync(archive));
        }

        Assert.All(results, result => Assert.Equal("infected", result.Decision.Verdict));
        Assert.All(results, result => Assert.True(result.Elapsed < TimeSpan.FromSeconds(2), $"{result.Elapsed}"));
        output.WriteLine($"longest {results.Max(result => result.Elapsed).TotalMilliseconds:F0} ms");

        // The same directory gives nobody else a way in.
        string planted = await test.Mount.WriteAsync("clamd/temporary/planted", Samples.Eicar);
        OpenResult plantedResult = await test.OpenAsync(planted);
        Assert.True(plantedResult.WasDenied, plantedResult.Opener.Line);
        Assert.Equal("infected", plantedResult.Decision.Verdict);
        await test.CloseAccountAsync(output);
    }

    [Fact(Timeout = 60_000)]
    public async Task GivenADatabaseInTheWatchedDirectory_WhenItIsReloaded_ThenClamdIsNotDeniedItsOwnSignatures()
    {
        WatchedFileSystem watched = await WatchedFileSystem.PrepareAsync(FileSystemKind.Ext4);
        string data = watched.Mount.Subdirectory("clamd");
        await using ClamdServer server = await ClamdServer.StartAsync(options => options.DataDirectory = data);
        byte[] added = "known only after a reload"u8.ToArray();
        // Nothing is watched yet, and clamd has read its database already.
        ClamdSamples.AddSignature(server.DatabaseDirectory, "Added", added);
        await using ClamdCase test = await ClamdCase.StartAsync(watched, server.SocketPath, ["--profile", "strict"]);
        Assert.True((await test.OpenAsync(await test.Mount.WriteAsync("before", added))).WasAllowed);

        await server.ReloadAsync();

        int number = 0;
        bool denied = await Poll.UntilAsync(TimeSpan.FromSeconds(10), async () =>
            (await test.OpenAsync(await test.Mount.WriteAsync($"after{number++}", added))).WasDenied);
        Assert.True(denied, $"the new signature was never used:\n{server.Log}");
        LoadResult others = await test.SweepAsync(await test.WritePairsAsync(10), 4);
        others.AssertAllRight();
        await test.CloseAccountAsync(output);
    }

    private static async Task<string[]> ArchivesAsync(ClamdCase test, int count)
    {
        string[] archives = new string[count];
        for (int i = 0; i < count; i++)
        {
            // Different each time, so that clamd cannot answer from its cache.
            string inner = test.Mount.Work.Write($"inner{i}", [.. ClamdSamples.WithEicarAtEnd(20_000, seed: i)]);
            string archive = test.Mount.Work.In($"archive{i}.zip");
            CommandResult packed = await ChildProcess.RunAsync("zip", "-q", archive, inner);
            packed.AssertSucceeded();
            byte[] content = await File.ReadAllBytesAsync(archive, TestContext.Current.CancellationToken);
            archives[i] = await test.Mount.WriteAsync($"archive{i}.zip", content);
        }

        return archives;
    }
}
