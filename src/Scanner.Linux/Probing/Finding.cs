namespace Scanner.Linux.Probing;

/// <summary>One thing that this kernel, these limits or these privileges offer or lack.</summary>
/// <param name="Name">What was looked for, as its manual calls it.</param>
/// <param name="Value">What was found.</param>
/// <param name="Status">Whether it is there.</param>
/// <param name="Consequence">What its lack costs.</param>
/// <param name="IsFatal">Whether it is missing and nothing works without it.</param>
public sealed record Finding(string Name, string Value, FindingStatus Status, string Consequence, bool IsFatal)
{
    internal static Finding Of(string name, bool available, string consequence, bool isNeeded = false) =>
        Of(name, available ? "yes" : "no", available, consequence, isNeeded);

    internal static Finding Of(string name, string value, bool available, string consequence, bool isNeeded = false) =>
        new(
            name,
            value,
            available ? FindingStatus.Available : FindingStatus.Missing,
            consequence,
            isNeeded && !available);

    /// <summary>What a call that was tried says: it works, or its error.</summary>
    internal static Finding Of(string name, Errno error, string consequence, bool isNeeded = false) =>
        Of(name, error == Errno.None ? "yes" : error.ToString(), error == Errno.None, consequence, isNeeded);

    internal static Finding Unknown(string name, string value, string consequence) =>
        new(name, value, FindingStatus.Unknown, consequence, IsFatal: false);
}
