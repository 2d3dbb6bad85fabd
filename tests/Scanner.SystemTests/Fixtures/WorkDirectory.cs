namespace Scanner.SystemTests.Fixtures;

/// <summary>A directory of one test's own, on a file system that is not watched.</summary>
internal sealed class WorkDirectory : IAsyncDisposable
{
    private const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
        | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    public WorkDirectory()
    {
        // Not CreateTempSubdirectory: unprivileged openers have to get in.
        Path = System.IO.Path.Combine(System.IO.Path.GetTempPath(), $"scanner-tests-{Guid.NewGuid():N}"[..22]);
        Directory.CreateDirectory(Path, Mode);
    }

    public string Path { get; }

    public string Subdirectory(string name) => Directory.CreateDirectory(In(name), Mode).FullName;

    public string Write(string name, ReadOnlySpan<byte> content)
    {
        File.WriteAllBytes(In(name), content);
        return In(name);
    }

    public string In(string name) => System.IO.Path.Combine(Path, name);

    public async ValueTask DisposeAsync()
    {
        await MountTable.ClearAsync(Path);
        // Never delete through a mount that is still there. A start that failed has disposed of it before.
        if (Directory.Exists(Path) && MountTable.AtOrBelow(Path).Count == 0)
        {
            Directory.Delete(Path, recursive: true);
        }
    }
}
