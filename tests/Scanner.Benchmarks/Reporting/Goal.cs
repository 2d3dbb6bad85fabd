using System.Globalization;

namespace Scanner.Benchmarks.Reporting;

/// <summary>Says whether a number is as good as it shall be.</summary>
internal static class Goal
{
    /// <summary>Says nothing where there is no value.</summary>
    public static void AtLeast(double goal, string what, double? value, TextWriter output) =>
        Write(what, value, $"at least {Number(goal)}", value >= goal, output);

    /// <inheritdoc cref="AtLeast"/>
    public static void AtMost(double goal, string what, double? value, TextWriter output) =>
        Write(what, value, $"at most {Number(goal)}", value <= goal, output);

    /// <summary>Says that nothing was measured that could meet or miss a goal.</summary>
    public static void NotJudged(string what, string why, TextWriter output) =>
        output.WriteLine($"{what}: not judged, {why}");

    private static void Write(string what, double? value, string goal, bool isMet, TextWriter output)
    {
        if (value is double number)
        {
            output.WriteLine($"{what}: {Number(number)} (goal: {goal}, {(isMet ? "met" : "missed")})");
        }
    }

    private static string Number(double value) => value.ToString("F2", CultureInfo.InvariantCulture);
}
