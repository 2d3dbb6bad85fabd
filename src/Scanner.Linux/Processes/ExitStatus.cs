namespace Scanner.Linux.Processes;

/// <summary>How a process ended (wait(2)).</summary>
public readonly record struct ExitStatus(int Raw)
{
    /// <summary>The exit code, or <c>null</c> if a signal ended it.</summary>
    public int? Code => (Raw & 0x7F) == 0 ? (Raw >> 8) & 0xFF : null;

    public override string ToString() => Code is int code ? $"exit code {code}" : $"signal {Raw & 0x7F}";
}
