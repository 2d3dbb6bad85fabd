namespace Scanner.Supervisor;

/// <summary>The exit codes that the supervisor itself gives; any other one is the worker's.</summary>
public static class ExitCodes
{
    /// <summary>The worker was ended by a signal and could not be brought up.</summary>
    public const int Failed = 70;
}
