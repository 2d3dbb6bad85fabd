using System.CommandLine;

namespace Scanner.Daemon.Commands;

/// <summary>The command line of <c>scannerd</c>.</summary>
internal static class CommandLine
{
    private const string Description = """
        On-access malware scanner: the kernel asks before a file is opened, scannerd answers.

        Exit codes:
          0   orderly stop
          2   wrong command line
          3   something that was asked for cannot be watched
          4   this kernel or these privileges do not allow it
          5   the engine cannot be loaded
          70  internal error
        """;

    public static int Run(string[] arguments)
    {
        RootCommand root = new(Description);
        root.Subcommands.Add(WatchCommand.Create());
        root.Subcommands.Add(ProbeCommand.Create());
        ParseResult parsed = root.Parse(arguments);
        int code = parsed.Invoke();

        // The library's code for a command line that it cannot make sense of.
        return parsed.Errors.Count > 0 && code == 1 ? ExitCode.Usage : code;
    }
}
