using System.Globalization;

namespace Scanner.SystemTests.Faults;

/// <summary>An infected open that was let through, or a clean one that was denied.</summary>
/// <param name="ProcessId">Whose open it was.</param>
/// <param name="Began">When it began, milliseconds of the monotonic clock.</param>
/// <param name="At">When it had its answer.</param>
/// <param name="WasAllowed">Whether it was let through.</param>
/// <param name="Path">The file.</param>
internal readonly record struct WrongAnswer(int ProcessId, double Began, double At, bool WasAllowed, string Path)
{
    /// <summary>Reads what the opener's command <c>turn</c> has noted.</summary>
    public static IReadOnlyList<WrongAnswer> Read(string file) =>
        [.. File.ReadLines(file).Select(line => line.Split(' ', 5)).Select(parts => new WrongAnswer(
            int.Parse(parts[0], CultureInfo.InvariantCulture),
            double.Parse(parts[1], CultureInfo.InvariantCulture),
            double.Parse(parts[2], CultureInfo.InvariantCulture),
            parts[3] == "allow",
            parts[4]))];
}
