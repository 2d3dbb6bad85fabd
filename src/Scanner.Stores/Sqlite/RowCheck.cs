using System.Numerics;
using System.Runtime.InteropServices;
using Scanner.Core.Caching;

namespace Scanner.Stores.Sqlite;

/// <summary>A checksum over all that makes a stored verdict, kept in its row.</summary>
/// <remarks>
/// SQLite's pages have no checksum: a bad disk, or somebody who writes into the file, could turn one verdict into
/// another. It is no signature: who can write the file on purpose can also compute this.
/// </remarks>
internal static class RowCheck
{
    /// <summary>The checksum of an epoch's name.</summary>
    public static uint Of(string epoch) => Add(0, epoch);

    public static int Of(in FileVersion version, EpochKey epoch, string? signature)
    {
        uint crc = Start(epoch, signature);
        crc = BitOperations.Crc32C(crc, version.File.Filesystem);
        crc = BitOperations.Crc32C(crc, version.File.Inode);
        crc = BitOperations.Crc32C(crc, version.Generation);
        crc = BitOperations.Crc32C(crc, (ulong)version.Size);
        crc = BitOperations.Crc32C(crc, (ulong)version.ModifiedAt);
        return (int)BitOperations.Crc32C(crc, (ulong)version.ChangedAt);
    }

    public static int Of(ReadOnlySpan<byte> digest, EpochKey epoch, string? signature)
    {
        uint crc = Start(epoch, signature);
        foreach (ulong part in MemoryMarshal.Cast<byte, ulong>(digest))
        {
            crc = BitOperations.Crc32C(crc, part);
        }

        return (int)crc;
    }

    private static uint Start(EpochKey epoch, string? signature)
    {
        // No signature and an empty one differ: one is clean, the other is not.
        uint crc = BitOperations.Crc32C(signature is null ? 1u : 2u, (ulong)epoch.Id);
        return Add(BitOperations.Crc32C(crc, epoch.Checksum), signature ?? "");
    }

    private static uint Add(uint crc, string text)
    {
        foreach (char letter in text)
        {
            crc = BitOperations.Crc32C(crc, letter);
        }

        return crc;
    }
}
