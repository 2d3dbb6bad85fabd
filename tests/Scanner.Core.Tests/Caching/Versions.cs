using Scanner.Core.Caching;

namespace Scanner.Core.Tests.Caching;

/// <summary>File versions made of numbers, and a verdict that can be told from the version.</summary>
internal static class Versions
{
    public static FileIdentity File(long file, ulong filesystem = 1) => new(filesystem, (ulong)file);

    public static FileVersion Of(long file, long version = 0) => Of(File(file), version);

    public static FileVersion Of(FileIdentity file, long version) =>
        new(file, (ulong)version, version * 3, version * 5, version * 7);

    public static KnownVerdict VerdictOn(in FileVersion version, int epoch = 0) =>
        KnownVerdict.Infected((int)((((long)version.File.Inode * 31) + (version.Size * 1009) + epoch) & 0xFFFFFF));

    /// <summary>Keeps what <see cref="VerdictOn"/> says.</summary>
    public static bool Keep(this VerdictTable table, in FileVersion version, int epoch = 0) =>
        table.Keep(version, epoch, VerdictOn(version, epoch), table.Stamp(version.File));

    public static bool Has(this VerdictTable table, in FileVersion version, int epoch = 0) =>
        table.TryGet(version, epoch, out KnownVerdict verdict) && verdict == VerdictOn(version, epoch);
}
