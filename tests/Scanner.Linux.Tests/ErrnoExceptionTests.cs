using Scanner.Testing;

namespace Scanner.Linux.Tests;

public sealed class ErrnoExceptionTests
{
    [Fact(Timeout = 5_000)]
    public Task GivenMissingFile_WhenOpened_ThenTheErrorNamesCallPathAndErrno() => Blocking.Run(() =>
    {
        ErrnoException error = Assert.Throws<ErrnoException>(() => Descriptor.OpenRead("/nonexistent/file"));

        Assert.Equal("open /nonexistent/file: No such file or directory (ENOENT)", error.Message);
        Assert.Equal(("open", "/nonexistent/file", Errno.ENOENT), (error.Call, error.Subject, error.Errno));
    });

    [Fact(Timeout = 5_000)]
    public Task GivenAnErrorWithoutAName_WhenDescribed_ThenItsNumberStandsForIt() => Blocking.Run(() =>
        Assert.Equal("connect: Unknown error 4000 (4000)", ErrnoException.From((Errno)4000, "connect").Message));
}
