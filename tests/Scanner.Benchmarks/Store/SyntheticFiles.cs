using System.Security.Cryptography;
using Scanner.Core.Caching;
using Scanner.Core.Scanning;

namespace Scanner.Benchmarks.Store;

/// <summary>Made-up files with numbers of the sizes that real ones have; the same for the same index.</summary>
internal static class SyntheticFiles
{
    public const string Epoch = "ClamAV 1.4.6/27800/Thu Nov 19 10:26:12 2026 db:9c56cc51b374c3ba";

    /// <summary>As many as a server has mounted.</summary>
    private const ulong Filesystems = 3;

    public static FileVersion File(int index)
    {
        ulong mixed = Mix((ulong)index);
        const long year2023 = 1_700_000_000_000_000_000;
        long changedAt = year2023 + (long)(mixed % 63_000_000_000_000_000);
        FileIdentity file = new(Mix(((ulong)index % Filesystems) + (1UL << 60)), Scattered(index));
        return new FileVersion(file, (uint)Mix(mixed), (long)(mixed >> 44), changedAt - (long)(mixed >> 24), changedAt);
    }

    public static ContentDigest Content(int index)
    {
        ContentDigest digest = default;
        SHA256.HashData(BitConverter.GetBytes(index), digest);
        return digest;
    }

    /// <summary>One in a thousand is infected.</summary>
    public static Verdict VerdictOn(int index) =>
        index % 1_000 == 0 ? Verdict.Infected($"Win.Trojan.Synthetic-{index}-0") : Verdict.Clean;

    /// <summary>No two files have the same inode, and the next file is not in the next one.</summary>
    private static ulong Scattered(int index) => 131_072 + ((ulong)index * 2_654_435_761 % 33_554_393);

    /// <summary>SplitMix64's finalizer.</summary>
    private static ulong Mix(ulong value)
    {
        value += 0x9E37_79B9_7F4A_7C15;
        value = (value ^ (value >> 30)) * 0xBF58_476D_1CE4_E5B9;
        value = (value ^ (value >> 27)) * 0x94D0_49BB_1331_11EB;
        return value ^ (value >> 31);
    }
}
