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
    private const string Variable = "SCANNER_HANDOVER";

    /// <summary>Takes what an earlier program has left, if there was one.</summary>
    public static Handover? Take()
    {
        string? text = Environment.GetEnvironmentVariable(Variable);
        Environment.SetEnvironmentVariable(Variable, null);
        return text is null ? null : Parse(text);
    }

    /// <summary>Reads what <see cref="ToText"/> has written.</summary>
    public static Handover Parse(string text)
    {
        string[] fields = text.Split(' ');
        return new Handover(Number(fields[0]), Number(fields[1]), Number(fields[2]), [.. fields[3..].Select(Group)]);
    }

    /// <summary>As an environment has it, <c>NAME=VALUE</c>.</summary>
    public string ToVariable() => $"{Variable}={ToText()}";

    public string ToText() => string.Join(
        ' ',
        Groups
            .Select(group => string.Create(CultureInfo.InvariantCulture, $"{group.Key}:{group.Number}"))
            .Prepend($"{HostMountTable} {HostRoot} {HostNamespace}"));

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    private static (ulong Key, int Number) Group(string text) =>
        (ulong.Parse(text[..text.IndexOf(':')], CultureInfo.InvariantCulture), Number(text[(text.IndexOf(':') + 1)..]));
}
