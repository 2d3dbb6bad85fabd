namespace Scanner.Daemon;

/// <summary>A start that cannot be: what the user reads, and the exit code.</summary>
internal sealed class LaunchException(int exitCode, string message) : Exception(message)
{
    public int ExitCode { get; } = exitCode;
}
