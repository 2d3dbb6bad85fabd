using System.Diagnostics;
using Scanner.Linux.Files;

namespace Scanner.Linux.Tests.Files;

public sealed class RegularFileTests
{
    [Fact]
    public void GivenRegularFileOrALinkToIt_WhenOpened_ThenItCanBeRead()
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
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/dev/null")]
    public void GivenDirectoryOrDevice_WhenOpened_ThenThereIsNoFile(string path) =>
        Assert.Null(RegularFile.OpenRead(path));

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

    [Fact]
    public void GivenMissingFile_WhenOpened_ThenTheErrorNamesIt()
    {
        ErrnoException error = Assert.Throws<ErrnoException>(() => RegularFile.OpenRead("/nonexistent/file"));

        Assert.Equal("open /nonexistent/file: No such file or directory (ENOENT)", error.Message);
    }
}
