using System.Globalization;
using Scanner.SystemTests.Fixtures;

namespace Scanner.SystemTests.Openers;

/// <summary>What became of one access.</summary>
internal readonly record struct OpenerResult(string Line, TimeSpan Elapsed)
{
    public const string Denied = "errno 1 EPERM";

    /// <summary>A preparation failed, so the access itself was never tried.</summary>
    public bool IsSetupFailure(string what) =>
        Line.StartsWith("setup ", StringComparison.Ordinal) && Line.EndsWith($" {what}", StringComparison.Ordinal);

    /// <summary>The access succeeded and read exactly this.</summary>
    public static string Content(ReadOnlySpan<byte> content) =>
        string.Create(CultureInfo.InvariantCulture, $"ok {content.Length} {Checksum.Of(content):x16}");

    public static OpenerResult From(CommandResult command)
    {
        string[] lines = command.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        string line = command.ExitCode == CommandResult.Killed
            ? $"killed after {command.Elapsed.TotalSeconds:F1} s"
            : lines.LastOrDefault() ?? $"no output, exit code {command.ExitCode}: {command.Error}";
        return new OpenerResult(line, command.Elapsed);
    }
}
