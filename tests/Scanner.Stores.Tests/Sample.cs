using Scanner.Core.Caching;

namespace Scanner.Stores.Tests;

/// <summary>Made-up files and contents, told apart by a number.</summary>
internal static class Sample
{
    public const string Epoch = "ClamAV 1.4.6/27800";

    public const string NextEpoch = "ClamAV 1.4.6/27801";

    public static FileVersion File(ulong number) =>
        new(new FileIdentity(0xFEDC_BA98_7654_3210, number), number ^ 0xFFFF_FFFF, 4096, 1_700_000_000_123_456_789, 7);

    public static ContentDigest Content(ulong number)
    {
        ContentDigest digest = default;
        ((Span<byte>)digest).Fill(0xA5);
        BitConverter.TryWriteBytes(digest, number);
        return digest;
    }
}
