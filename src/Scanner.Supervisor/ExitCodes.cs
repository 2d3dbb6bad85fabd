namespace Scanner.Supervisor;

/// <summary>The exit codes that the supervisor itself gives; any other one is the worker's.</summary>
public static class ExitCodes
{
    /// <summary>
    /// The worker could not be brought up, was ended by a signal as it was to stop, or hangs and cannot be killed.
    /// </summary>
    public const int Failed = 70;
}
