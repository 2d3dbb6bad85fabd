using Scanner.Core.Caching;
using Scanner.Core.Scanning;
using Scanner.Stores.Sqlite;
using Scanner.Testing;

namespace Scanner.Stores.Tests.Sqlite;

/// <summary>Stores that are not used: each says why, once, and stands in nobody's way.</summary>
public sealed class RefusalTests : IDisposable
{
    private readonly StoreDirectory _directory = new();

    public static TheoryData<string> Files => ["verdicts.db", "verdicts.db-wal", "verdicts.db-shm", "verdicts.lock"];

    public void Dispose() => _directory.Dispose();

    [Fact(Timeout = 30_000)]
    public async Task GivenNoStore_WhenItIsUsedAllTheSame_ThenNothingHappens()
    {
        File.WriteAllText(_directory.Root, "not a directory");
        IVerdictStore store = _directory.TryOpen();

        store.Keep(Sample.File(1), Sample.Epoch, Verdict.Clean);
        store.Keep(Sample.Content(1), Sample.Epoch, Verdict.Clean);
        store.Forget(Sample.File(2).File);
        await store.FlushAsync();

        Assert.False(store.TryGet(Sample.File(1), Sample.Epoch, out _));
        Assert.False(store.TryGet(Sample.Content(1), Sample.Epoch, out _));
        Assert.Equal(default, store.Counters);
    }

    [Fact(Timeout = 30_000)]
    public Task GivenAFileInPlaceOfTheDirectory_WhenTheStoreIsOpened_ThenItSaysSo()
    {
        File.WriteAllText(_directory.Root, "content");

        Assert.Contains("is not a directory", _directory.OpenInVain());
        Assert.Equal("content", File.ReadAllText(_directory.Root));
        return Task.CompletedTask;
    }

    [Fact(Timeout = 30_000)]
    public Task GivenNoParentDirectory_WhenTheStoreIsOpened_ThenItSaysSo()
    {
        Directory.Delete(Path.GetDirectoryName(_directory.Root)!);

        Assert.Contains("No such file or directory", _directory.OpenInVain());
        Directory.CreateDirectory(Path.GetDirectoryName(_directory.Root)!);
        return Task.CompletedTask;
    }

    [Fact(Timeout = 30_000)]
    public Task GivenANewStore_WhenItIsMade_ThenOnlyItsOwnerMayReadIt()
    {
        _directory.Open();

        const UnixFileMode ownerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        Assert.Equal(ownerOnly | UnixFileMode.UserExecute, File.GetUnixFileMode(_directory.Root));
        Assert.All(Files, file => Assert.Equal(
            ownerOnly, File.GetUnixFileMode(Path.Combine(_directory.Root, file.Data))));
        return Task.CompletedTask;
    }

    [Theory(Timeout = 30_000)]
    [InlineData("770")]
    [InlineData("707")]
    [InlineData("1777")]
    public Task GivenADirectoryThatOthersCanWrite_WhenTheStoreIsOpened_ThenItIsRefused(string mode)
    {
        Directory.CreateDirectory(_directory.Root);
        Tool.Run("chmod", mode, _directory.Root);

        Assert.Contains("others than root can write", _directory.OpenInVain());
        Assert.Empty(Directory.GetFileSystemEntries(_directory.Root));
        return Task.CompletedTask;
    }

    [Fact(Timeout = 30_000)]
    public Task GivenADirectoryOfAUser_WhenTheStoreIsOpened_ThenItIsRefused()
    {
        Directory.CreateDirectory(_directory.Root);
        Tool.Run("chown", "65534", _directory.Root);

        Assert.Contains("belongs to user 65534", _directory.OpenInVain());
        return Task.CompletedTask;
    }

    [Fact(Timeout = 30_000)]
    public Task GivenADirectoryAboveThatAUserCanWrite_WhenTheStoreIsOpened_ThenItIsRefused()
    {
        string parent = Path.GetDirectoryName(_directory.Root)!;
        Tool.Run("chmod", "777", parent);

        Assert.Contains($"others than root can write {parent}", _directory.OpenInVain());
        return Task.CompletedTask;
    }

    [Fact(Timeout = 30_000)]
    public Task GivenALinkToADirectory_WhenTheStoreIsOpened_ThenItIsRefused()
    {
        string target = _directory.Root + ".target";
        Directory.CreateDirectory(target, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        Directory.CreateSymbolicLink(_directory.Root, target);

        Assert.Contains("is not a directory", _directory.OpenInVain());
        Assert.Empty(Directory.GetFileSystemEntries(target));
        return Task.CompletedTask;
    }

    [Theory(Timeout = 30_000)]
    [MemberData(nameof(Files))]
    public Task GivenALinkInPlaceOfAFile_WhenTheStoreIsOpened_ThenItIsRefused(string file)
    {
        string target = _directory.Root + ".target";
        File.WriteAllText(target, "content");
        File.CreateSymbolicLink(MakeStoreWithout(file), target);

        Assert.Contains("is not a regular file", _directory.OpenInVain());
        Assert.Equal("content", File.ReadAllText(target));
        return Task.CompletedTask;
    }

    [Theory(Timeout = 30_000)]
    [MemberData(nameof(Files))]
    public Task GivenAFileThatOthersCanWrite_WhenTheStoreIsOpened_ThenItIsRefused(string file)
    {
        string path = MakeStoreWithout(file);
        File.WriteAllText(path, "");
        Tool.Run("chmod", "620", path);

        Assert.Contains("others than root can write", _directory.OpenInVain());
        return Task.CompletedTask;
    }

    [Theory(Timeout = 30_000)]
    [MemberData(nameof(Files))]
    public Task GivenAFileOfAUser_WhenTheStoreIsOpened_ThenItIsRefused(string file)
    {
        string path = MakeStoreWithout(file);
        File.WriteAllText(path, "");
        Tool.Run("chown", "65534", path);

        Assert.Contains("belongs to user 65534", _directory.OpenInVain());
        return Task.CompletedTask;
    }

    [Fact(Timeout = 30_000)]
    public Task GivenARelativePath_WhenTheStoreIsOpened_ThenItIsRefused()
    {
        IVerdictStore store = _directory.TryOpen(_directory.Options with { Directory = "store/../store" });

        Assert.Contains("not an absolute path", Assert.IsType<NullVerdictStore>(store).Reason);
        return Task.CompletedTask;
    }

    [Fact(Timeout = 30_000)]
    public Task GivenAStoreOfANewerVersion_WhenItIsOpened_ThenItIsLeftAlone()
    {
        MakeStore();
        _directory.Execute("PRAGMA user_version = 2");
        byte[] before = File.ReadAllBytes(_directory.Database);

        Assert.Contains("another version of the scanner (format 2", _directory.OpenInVain());
        Assert.Equal(before, File.ReadAllBytes(_directory.Database));
        return Task.CompletedTask;
    }

    [Fact(Timeout = 30_000)]
    public Task GivenADatabaseOfAnotherProgram_WhenItIsOpened_ThenItIsLeftAlone()
    {
        MakeStore();
        File.WriteAllBytes(_directory.Database, []);
        _directory.Execute("CREATE TABLE files (name TEXT); INSERT INTO files VALUES ('mine')");

        Assert.Contains("a database of another program", _directory.OpenInVain());
        Assert.Equal("mine", _directory.Query("SELECT name FROM files"));
        return Task.CompletedTask;
    }

    [Fact(Timeout = 30_000)]
    public Task GivenAStoreInUse_WhenASecondOneIsOpened_ThenItGoesWithoutAndTheFirstGoesOn()
    {
        using SqliteVerdictStore first = _directory.Open();

        Assert.Contains("another scannerd uses", _directory.OpenInVain());

        first.Dispose();
        _directory.Open();
        return Task.CompletedTask;
    }

    [Fact(Timeout = 60_000)]
    public Task GivenAReadOnlyFilesystem_WhenTheStoreIsOpened_ThenItSaysSo()
    {
        using TestMount mount = TestMount.Tmpfs();
        using StoreDirectory directory = new(mount.Root);
        using (SqliteVerdictStore store = directory.Open())
        {
            store.Keep(Sample.File(1), Sample.Epoch, Verdict.Clean);
        }

        Tool.Run("mount", "-o", "remount,ro", mount.Root);

        Assert.Contains("Read-only file system", directory.OpenInVain());
        return Task.CompletedTask;
    }

    [Fact(Timeout = 60_000)]
    public Task GivenAFullFilesystem_WhenTheStoreIsMade_ThenItSaysSoAndWorksOnceThereIsSpace()
    {
        using TestMount mount = TestMount.Tmpfs();
        using StoreDirectory directory = new(mount.Root);
        string filler = Filler.Fill(mount.Root);

        Assert.Contains("full", directory.OpenInVain());

        File.Delete(filler);
        directory.Open();
        return Task.CompletedTask;
    }

    private void MakeStore() => _directory.Open().Dispose();

    /// <returns>Where the file was.</returns>
    private string MakeStoreWithout(string file)
    {
        MakeStore();
        string path = Path.Combine(_directory.Root, file);
        File.Delete(path);
        return path;
    }
}
