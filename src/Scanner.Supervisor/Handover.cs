using System.Globalization;

namespace Scanner.Supervisor;

/// <summary>What a supervisor leaves to the program that replaces it in its own process: descriptor numbers.</summary>
/// <remarks>
/// As text in the environment, so that another version, with another layout of the journal and of the shared numbers,
/// understands it. No event is pending then, so nothing of the journal is left.
/// </remarks>
/// <param name="HostMountTable">The mount table of the host's namespace.</param>
/// <param name="HostRoot">The root directory of the host's namespace.</param>
/// <param name="HostNamespace">The host's mount namespace.</param>
/// <param name="Groups">The groups, with what each was opened for.</param>
public sealed record Handover(
    int HostMountTable, int HostRoot, int HostNamespace, IReadOnlyList<(ulong Key, int Number)> Groups)
{
    /// <summary>Has a program only look whether it could go on with what is left to it.</summary>
    public const string TrialArgument = "--trial";

    private const string Variable = "SCANNER_HANDOVER";

    /// <summary>Takes what an earlier program has left, if there was one.</summary>
    public static Handover? Take()
    {
        string? text = Environment.GetEnvironmentVariable(Variable);
        Environment.SetEnvironmentVariable(Variable, null);
        return text is null ? null : Parse(text);
    }

    /// <summary>Reads what <see cref="ToText"/> has written.</summary>
    /// <exception cref="FormatException">It is not that.</exception>
    /// <exception cref="OverflowException">A number is too large.</exception>
    public static Handover Parse(string text) => text.Split(' ') is [var table, var root, var space, .. var groups]
        ? new Handover(Number(table), Number(root), Number(space), [.. groups.Select(Group)])
        : throw new FormatException($"'{text}' is not what a supervisor leaves");

    /// <summary>As an environment has it, <c>NAME=VALUE</c>.</summary>
    public string ToVariable() => $"{Variable}={ToText()}";

    public string ToText() => string.Join(
        ' ',
        Groups
            .Select(group => string.Create(CultureInfo.InvariantCulture, $"{group.Key}:{group.Number}"))
            .Prepend($"{HostMountTable} {HostRoot} {HostNamespace}"));

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    private static (ulong Key, int Number) Group(string text) => text.Split(':') is [var key, var number]
        ? (ulong.Parse(key, CultureInfo.InvariantCulture), Number(number))
        : throw new FormatException($"'{text}' is not a group");
}
