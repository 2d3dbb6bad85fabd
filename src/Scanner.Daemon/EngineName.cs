using System.Diagnostics.CodeAnalysis;

namespace Scanner.Daemon;

/// <summary>An engine as the command line names it: <c>signatures</c> or <c>signatures:DIR</c>.</summary>
/// <param name="Directory">Where its lists are, absolute; <c>null</c> for the usual place.</param>
internal sealed record EngineName(string? Directory)
{
    private const string Signatures = "signatures";

    public static bool TryParse(string? text, [NotNullWhen(true)] out EngineName? name)
    {
        string[] parts = (text ?? "").Split(':', 2);
        name = parts switch
        {
            [Signatures] => new EngineName((string?)null),
            [Signatures, { Length: > 0 } directory] => new EngineName(Path.GetFullPath(directory)),
            _ => null,
        };
        return name is not null;
    }

    public static EngineName Parse(string text) =>
        TryParse(text, out EngineName? name) ? name : throw new FormatException($"'{text}' names no engine.");
}
