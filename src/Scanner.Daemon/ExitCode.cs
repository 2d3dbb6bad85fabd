namespace Scanner.Daemon;

/// <summary>The exit codes of <c>scannerd</c>, as its help lists them.</summary>
internal static class ExitCode
{
    public const int Success = 0;

    /// <summary>The command line is wrong.</summary>
    public const int Usage = 2;

    /// <summary>Something that was asked for cannot be watched.</summary>
    public const int CannotWatch = 3;

    /// <summary>This kernel or these privileges do not allow it.</summary>
    public const int NotSupported = 4;

    /// <summary>The engine cannot be loaded.</summary>
    public const int EngineFailed = 5;

    /// <summary>An error of the program itself.</summary>
    public const int Internal = 70;
}
