using System.Globalization;

namespace Scanner.Linux.Mounts;

/// <summary>A file system's device number, major and minor.</summary>
public readonly record struct DeviceNumber(uint Major, uint Minor)
{
    /// <summary>Both in one number, for tables in shared memory.</summary>
    public ulong Packed => ((ulong)Major << 32) | Minor;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Major}:{Minor}");

    internal static DeviceNumber Parse(ReadOnlySpan<byte> text)
    {
        int colon = text.IndexOf((byte)':');
        return new DeviceNumber(
            uint.Parse(text[..colon], CultureInfo.InvariantCulture),
            uint.Parse(text[(colon + 1)..], CultureInfo.InvariantCulture));
    }
}
