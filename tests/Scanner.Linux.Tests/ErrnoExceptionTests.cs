namespace Scanner.Linux.Tests;

public sealed class ErrnoExceptionTests
{
    [Fact]
    public void GivenMissingFile_WhenOpened_ThenTheErrorNamesCallPathAndErrno()
    {
        ErrnoException error = Assert.Throws<ErrnoException>(() => Descriptor.OpenRead("/nonexistent/file"));

        Assert.Equal("open /nonexistent/file: No such file or directory (ENOENT)", error.Message);
    }
}
