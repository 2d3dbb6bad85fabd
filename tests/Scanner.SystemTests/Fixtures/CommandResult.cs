namespace Scanner.SystemTests.Fixtures;

/// <summary>How a child process ended and what it wrote.</summary>
internal readonly record struct CommandResult(int ExitCode, string Output, string Error, TimeSpan Elapsed)
{
    /// <summary>Exit code of a process that SIGKILL ended, as the framework reports it.</summary>
    public const int Killed = 137;

    public void AssertSucceeded() => Assert.True(ExitCode == 0, Error);
}
