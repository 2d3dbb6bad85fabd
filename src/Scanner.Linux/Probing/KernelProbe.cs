using System.Globalization;

namespace Scanner.Linux.Probing;

/// <summary>The kernel's release.</summary>
internal static class KernelProbe
{
    private const string Consequence =
        "Before Linux 6.0 a mount cannot be exempted for good (FAN_MARK_IGNORE), so the program would wait for itself.";

    public static Finding Run(string release)
    {
        string[] parts = release.Split('.', '-', '+');
        if (parts.Length < 2
            || !int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out int major)
            || !int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out _))
        {
            return Finding.Unknown("kernel release", release, Consequence);
        }

        return Finding.Of("kernel release", release, major >= 6, Consequence, isNeeded: true);
    }
}
