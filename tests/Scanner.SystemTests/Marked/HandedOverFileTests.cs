using Scanner.SystemTests.Access;
using Scanner.SystemTests.Cached;
using Scanner.SystemTests.Fixtures;
using Scanner.SystemTests.Openers;

namespace Scanner.SystemTests.Marked;

/// <summary>Files that passed unasked, or are just about to, when users are allowed to write them.</summary>
public sealed class HandedOverFileTests(ITestOutputHelper output)
{
    private const string User = "65534";

    /// <summary>Some hundred microseconds; more where notices wait for a processor.</summary>
    private static readonly TimeSpan _window = TimeSpan.FromSeconds(3);

    private static readonly TimeSpan _lifetime = TimeSpan.FromSeconds(50);

    /// <summary>Of the length of what is stored.</summary>
    private static readonly byte[] _clean = [.. Samples.Eicar.Select(_ => (byte)'c')];

    public static TheoryData<FileSystemKind, string> Handings()
    {
        TheoryData<FileSystemKind, string> handings = [];
        foreach (FileSystemKind kind in (FileSystemKind[])[FileSystemKind.Ext4, FileSystemKind.Xfs, FileSystemKind.Btrfs])
        {
            handings.Add(kind, "chmod 666 \"$0\"");
            handings.Add(kind, $"chown {User} \"$0\"");
            handings.Add(kind, $"setfacl -m u:{User}:rw \"$0\"");
        }

        return handings;
    }

    public static TheoryData<FileSystemKind, string> Races()
    {
        TheoryData<FileSystemKind, string> races = [];
        foreach (FileSystemKind kind in (FileSystemKind[])[FileSystemKind.Ext4, FileSystemKind.Xfs, FileSystemKind.Btrfs])
        {
            foreach (string way in (string[])["chmod", "chown", "acl", "root"])
            {
                races.Add(kind, way);
            }
        }

        return races;
    }

    [Theory(Timeout = 60_000)]
    [MemberData(nameof(Handings))]
    public async Task GivenAFileThatPasses_WhenAUserGetsItAndStoresAtOnce_ThenItIsDenied(FileSystemKind kind, string handing)
    {
        await using WatchedFileSystem watched = await WatchedFileSystem.PrepareAsync(kind);
        string file = await watched.Mount.WriteAsync("file", _clean);
        string infected = watched.Mount.Work.Write("infected", Samples.Eicar);
        await watched.StartScannerAsync([], "--profile", "strict");
        Assert.StartsWith("ok ", (await Opener.RunAsync("open", file)).Line);
        await PassingFiles.AssertHasAsync(watched.Scanner, file);
        using Opener user = Opener.Start(_lifetime, "as", User, "grab", file, infected);
        await user.SaysAsync("waiting");

        CommandResult handed = await ChildProcess.RunAsync("sh", "-c", handing, file);
        Assert.True(handed.ExitCode == 0, handed.Error);
        await user.SaysAsync("stored");

        int passed = 0;
        Assert.True(
            await Poll.UntilAsync(_window, async () =>
            {
                bool isDenied = (await Opener.RunAsync("open", file)).Line == OpenerResult.Denied;
                passed += isDenied ? 0 : 1;
                return isDenied;
            }),
            $"still not denied\n{watched.Scanner}");
        output.WriteLine($"{passed} opens passed before");
        Assert.Equal(OpenerResult.Denied, (await Opener.RunAsync("open", file)).Line);
        Assert.False(await PassingFiles.HasAsync(watched.Scanner, file));
    }

    [Theory(Timeout = 120_000)]
    [MemberData(nameof(Races))]
    public async Task GivenFilesThatAreJustScanned_WhenSomebodyGetsThemAndStores_ThenAllAreDenied(FileSystemKind kind, string way)
    {
        const int files = 150;
        await using WatchedFileSystem watched = await WatchedFileSystem.PrepareAsync(kind);
        for (int i = 0; i < files; i++)
        {
            await File.WriteAllBytesAsync(watched.Mount.In($"{i}"), _clean, TestContext.Current.CancellationToken);
        }

        string infected = watched.Mount.Work.Write("infected", Samples.Eicar);
        await watched.StartScannerAsync([], "--profile", "strict");

        OpenerResult result = await Opener.RunAsync(
            TimeSpan.FromSeconds(90), "race", way, watched.Mount.Path, $"{files}", infected);

        Assert.Equal($"race files={files} passed=0", result.Line);
        LayerCounters counters = await LayerCounters.StopAsync(watched.Scanner);
        output.WriteLine($"{counters}");
        Assert.True(counters["marks", "set"] > 0, $"{counters}");
        Assert.True(
            counters["marks", "cleared_attributes"] + counters["marks", "cleared_written"] > 0, $"{counters}");
    }
}
