using System.Globalization;

namespace Scanner.Linux.Processes;

/// <summary>The effective capabilities of this process (capabilities(7)).</summary>
public readonly record struct CapabilitySet(ulong Bits)
{
    /// <summary>As /proc/self/status shows them.</summary>
    public static CapabilitySet Effective
    {
        get
        {
            const string key = "CapEff:";
            string line = File.ReadLines("/proc/self/status").First(
                line => line.StartsWith(key, StringComparison.Ordinal));
            return new CapabilitySet(
                ulong.Parse(line.AsSpan(key.Length).Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture));
        }
    }

    public bool Has(Capability capability) => (Bits & (1UL << (int)capability)) != 0;
}
