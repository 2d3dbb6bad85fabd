using Scanner.Daemon.Commands;

namespace Scanner.Daemon.Tests.Commands;

/// <summary>What is refused before anything is started.</summary>
public sealed class CommandLineTests
{
    [Theory(Timeout = 10_000)]
    [InlineData("no-such-command")]
    [InlineData("watch", "--no-such-option", "/nonexistent")]
    [InlineData("watch", "/nonexistent", "--profile", "lenient")]
    [InlineData("watch", "/nonexistent", "--deadline", "soon")]
    [InlineData("watch", "/nonexistent", "--deadline", "99ms")]
    [InlineData("watch", "/nonexistent", "--deadline", "11m")]
    [InlineData("watch", "/nonexistent", "--deadline", "-5s")]
    [InlineData("watch", "/nonexistent", "--deadline", "")]
    [InlineData("watch", "/nonexistent", "--engine", "crystal-ball")]
    [InlineData("watch", "/nonexistent", "--engine", "")]
    [InlineData("watch", "/nonexistent", "--state")]
    [InlineData("probe", "unexpected")]
    public Task GivenAWrongCommandLine_WhenRun_ThenTheExitCodeIsTwo(params string[] arguments)
    {
        Assert.Equal(ExitCode.Usage, CommandLine.Run(arguments));
        return Task.CompletedTask;
    }

    [Theory(Timeout = 10_000)]
    [InlineData("--help")]
    [InlineData("watch", "--help")]
    [InlineData("--version")]
    public Task GivenAQuestion_WhenRun_ThenTheExitCodeIsZero(params string[] arguments)
    {
        Assert.Equal(ExitCode.Success, CommandLine.Run(arguments));
        return Task.CompletedTask;
    }
}
