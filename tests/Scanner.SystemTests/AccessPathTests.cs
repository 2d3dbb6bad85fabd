using System.Text;
using Scanner.SystemTests.Access;
using Scanner.SystemTests.Fixtures;
using Scanner.SystemTests.Openers;

namespace Scanner.SystemTests;

/// <summary>No way to an infected file is open, and every way to a clean one is.</summary>
public sealed class AccessPathTests(WatchedFileSystems fileSystems, ITestOutputHelper output)
    : IClassFixture<WatchedFileSystems>
{
    public static TheoryData<FileSystemKind, string, bool> Cases()
    {
        TheoryData<FileSystemKind, string, bool> cases = [];
        foreach (FileSystemKind kind in Enum.GetValues<FileSystemKind>())
        {
            foreach (string name in AccessPaths.All.Keys)
            {
                cases.Add(kind, name, false);
                cases.Add(kind, name, true);
            }
        }

        return cases;
    }

    [Theory(Timeout = 60_000)]
    [MemberData(nameof(Cases))]
    public async Task GivenWatchedFileSystem_WhenAFileIsReached_ThenItsContentDecides(
        FileSystemKind kind, string name, bool infected)
    {
        WatchedFileSystem watched = await fileSystems.GetAsync(kind);
        AccessPath way = AccessPaths.All[name];
        AccessCase access = await PrepareAsync(watched, way, infected);

        OpenerResult result = await Opener.RunAsync(way.Arguments(access));

        output.WriteLine(watched.Scanner.ToString());
        string expected = infected
            ? OpenerResult.Denied
            : OpenerResult.Content(Samples.Expected(way.Sample));
        Assert.Equal(expected, result.Line);
    }

    [Theory(Timeout = 60_000)]
    [MemberData(nameof(FileSystemKinds.All), MemberType = typeof(FileSystemKinds))]
    public async Task GivenABindMount_WhenAFileIsReachedThroughIt_ThenItsContentDecides(FileSystemKind kind)
    {
        WatchedFileSystem watched = await fileSystems.GetAsync(kind);
        string directory = watched.Mount.Subdirectory("bound");
        await watched.Mount.WriteAsync("bound/clean", Samples.CleanText);
        await watched.Mount.WriteAsync("bound/infected", Samples.Eicar);
        CommandResult bind = await ChildProcess.RunAsync("mount", "--bind", directory, watched.Place);
        bind.AssertSucceeded();

        OpenerResult clean = await Opener.RunAsync("open", Path.Combine(watched.Place, "clean"));
        OpenerResult infected = await Opener.RunAsync("open", Path.Combine(watched.Place, "infected"));
        CommandResult unbind = await ChildProcess.RunAsync("umount", watched.Place);

        Assert.Equal(OpenerResult.Content(Samples.CleanText), clean.Line);
        Assert.Equal(OpenerResult.Denied, infected.Line);
        unbind.AssertSucceeded();
    }

    [Theory(Timeout = 60_000)]
    [MemberData(nameof(FileSystemKinds.All), MemberType = typeof(FileSystemKinds))]
    public async Task GivenNewDirectoriesFilledWithoutPause_WhenTheirFilesAreOpened_ThenEveryAnswerIsRight(
        FileSystemKind kind)
    {
        const int Directories = 500;
        WatchedFileSystem watched = await fileSystems.GetAsync(kind);
        string clean = watched.Mount.Work.Write("fill-clean", Samples.CleanText);
        string infected = watched.Mount.Work.Write("fill-infected", Samples.Eicar);

        OpenerResult result = await Opener.RunAsync(
            "fill", watched.Mount.Subdirectory("fill"), $"{Directories}", clean, infected);

        Assert.StartsWith($"ok {Directories} ", result.Line);
    }

    [Theory(Timeout = 60_000)]
    [MemberData(nameof(FileSystemKinds.All), MemberType = typeof(FileSystemKinds))]
    public async Task GivenFiles_WhenTheyAreCreatedOrTruncated_ThenOnlyInfectedOnesAreRefusedAndStayAsTheyAre(
        FileSystemKind kind)
    {
        WatchedFileSystem watched = await fileSystems.GetAsync(kind);
        string fresh = watched.Mount.In("created");
        string clean = await watched.Mount.WriteAsync("truncate-clean", Samples.CleanText);
        string infected = await watched.Mount.WriteAsync("truncate-infected", Samples.Eicar);

        Assert.Equal(OpenerResult.Content([]), (await Opener.RunAsync("create", fresh)).Line);
        Assert.Equal(OpenerResult.Denied, (await Opener.RunAsync("create", infected)).Line);
        Assert.Equal(OpenerResult.Denied, (await Opener.RunAsync("truncate", infected)).Line);
        Assert.Equal(Samples.Eicar.Length, new FileInfo(infected).Length);
        Assert.Equal(OpenerResult.Content([]), (await Opener.RunAsync("truncate", clean)).Line);
    }

    private static async Task<AccessCase> PrepareAsync(WatchedFileSystem watched, AccessPath way, bool infected)
    {
        byte[] content = Samples.Content(way.Sample, infected);
        string id = $"{Guid.NewGuid():N}"[..8];
        string directory = watched.Mount.Subdirectory(id);
        string source = watched.Mount.Work.Write($"source-{id}", content);
        string file = Path.Combine(directory, "sample");
        if (!way.Name.AsSpan().SequenceEqual("sample"u8))
        {
            // Plain names stay readable in the output; others could not be passed as an argument at all.
            byte[] path = [.. Encoding.UTF8.GetBytes(directory + "/"), .. way.Name];
            file = $"hex:{Convert.ToHexStringLower(path)}";
        }

        AccessCase access = new(watched.Mount.Path, directory, file, source, watched.Place);
        if (way.Prepare is not null)
        {
            Assert.StartsWith("ok ", (await Opener.RunAsync(way.Prepare(access))).Line);
        }
        else if (!way.MakesFile)
        {
            await Opener.PutAsync(file, content, "755");
        }

        return access;
    }
}
