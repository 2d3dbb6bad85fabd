using System.Diagnostics;
using Scanner.Linux.Files;
using Scanner.Testing;

namespace Scanner.Linux.Tests.Files;

public sealed class RegularFileTests
{
    [Fact(Timeout = 10_000)]
    public Task GivenRegularFileOrALinkToIt_WhenOpened_ThenItCanBeRead() => Blocking.Run(() =>
    {
        DirectoryInfo directory = Directory.CreateTempSubdirectory("scanner-regular-");
        try
        {
            string path = Path.Combine(directory.FullName, "file");
            File.WriteAllText(path, "content");
            string link = path + ".link";
            File.CreateSymbolicLink(link, path);
            foreach (string name in (string[])[path, link])
            {
                using Descriptor? file = RegularFile.OpenRead(name);

                Assert.NotNull(file);
                Assert.Equal(Errno.None, file.Content.TryRead(new byte[10], 0, out int count));
                Assert.Equal("content".Length, count);
            }
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    });

    [Theory(Timeout = 10_000)]
    [InlineData("/")]
    [InlineData("/dev/null")]
    public Task GivenDirectoryOrDevice_WhenOpened_ThenThereIsNoFile(string path) =>
        Blocking.Run(() => Assert.Null(RegularFile.OpenRead(path)));

    [Fact(Timeout = 10_000)]
    public async Task GivenFifoWithoutWriter_WhenOpened_ThenThereIsNoFileAndNoWaiting()
    {
        string path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        using Process mkfifo = Process.Start("mkfifo", [path]);
        await mkfifo.WaitForExitAsync(TestContext.Current.CancellationToken);
        try
        {
            Descriptor? file = await Task.Run(() => RegularFile.OpenRead(path), TestContext.Current.CancellationToken);

            Assert.Null(file);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact(Timeout = 10_000)]
    public Task GivenMissingFile_WhenOpened_ThenTheErrorNamesIt() => Blocking.Run(() =>
    {
        ErrnoException error = Assert.Throws<ErrnoException>(() => RegularFile.OpenRead("/nonexistent/file"));

        Assert.Equal("open /nonexistent/file: No such file or directory (ENOENT)", error.Message);
    });
}
