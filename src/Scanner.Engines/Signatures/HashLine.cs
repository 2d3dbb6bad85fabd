using System.Buffers;
using System.Globalization;

namespace Scanner.Engines.Signatures;

/// <summary>One line of a hash list: <c>hash:size:name</c>, then perhaps two functionality levels.</summary>
/// <remarks>
/// The format is ClamAV's (docs.clamav.net, "File hash signatures"; libclamav/readdb.c, cli_loadhash): which hash it
/// is follows from its length, not from the list's extension; a size of <c>*</c> stands for any and needs a lowest
/// level of 73 or more; a line whose levels, lowest and highest, leave out the engine's own is skipped. Beyond ClamAV,
/// a size may be 0 or need more than 32 bits.
/// </remarks>
internal readonly ref struct HashLine
{
    /// <summary>The size of an entry that matches content of any size. Sorts before every real size.</summary>
    public const long AnySize = -1;

    /// <summary>The longest hash in bytes, SHA-256's.</summary>
    public const int MaxDigestLength = 32;

    /// <summary>The level that lists are read with: ClamAV 1.4.2's (docs.clamav.net, "Functionality levels").</summary>
    public const uint FunctionalityLevel = 212;

    /// <summary>The first level that knows <c>*</c>, ClamAV 0.98's.</summary>
    private const uint AnySizeLevel = 73;

    /// <summary>The hash: 16 bytes are MD5, 20 SHA-1, 32 SHA-256.</summary>
    public ReadOnlySpan<byte> Digest { get; private init; }

    /// <summary>The content's size in bytes, or <see cref="AnySize"/>.</summary>
    public long Size { get; private init; }

    /// <summary>The signature's name, not empty, in whatever encoding the list has.</summary>
    public ReadOnlySpan<byte> Name { get; private init; }

    /// <summary>Whether the line is to be skipped: it is malformed or for other functionality levels.</summary>
    public bool IsSkipped { get; private init; }

    /// <summary>What is wrong with the line; <c>null</c> if it is well-formed.</summary>
    public string? Problem { get; private init; }

    /// <summary>Reads a line that is neither empty nor a comment.</summary>
    /// <param name="line">The line, without its end.</param>
    /// <param name="digest">Where the hash goes, <see cref="MaxDigestLength"/> bytes.</param>
    public static HashLine Parse(ReadOnlySpan<byte> line, Span<byte> digest)
    {
        // Names go to terminals and logs, and number parsing would accept a NUL after the digits.
        if (line.ContainsAnyInRange((byte)0x00, (byte)0x1F) || line.Contains((byte)0x7F))
        {
            return Malformed("control character in the line");
        }

        int fields = line.Count((byte)':') + 1;
        if (fields is < 3 or > 5)
        {
            return Malformed("not of the form hash:size:name, with at most two functionality levels after it");
        }

        ReadOnlySpan<byte> hash = TakeField(ref line);
        ReadOnlySpan<byte> size = TakeField(ref line);
        ReadOnlySpan<byte> name = TakeField(ref line);
        uint lowest = 0;
        uint highest = uint.MaxValue;
        if ((fields > 3 && !TryParseLevel(TakeField(ref line), out lowest))
            || (fields > 4 && !TryParseLevel(line, out highest)))
        {
            return Malformed("functionality level is not a number");
        }

        if (name.IsEmpty)
        {
            return Malformed("name is empty");
        }

        HashLine parsed = ParseContent(hash, size, lowest, digest);
        return parsed.Problem is not null
            ? parsed
            : new HashLine
            {
                Digest = parsed.Digest,
                Size = parsed.Size,
                Name = name,
                IsSkipped = FunctionalityLevel < lowest || FunctionalityLevel > highest,
            };
    }

    private static HashLine ParseContent(
        ReadOnlySpan<byte> hash, ReadOnlySpan<byte> size, uint lowestLevel, Span<byte> digest)
    {
        if (hash.Length is not (32 or 40 or 64))
        {
            return Malformed("hash has neither 32 (MD5) nor 40 (SHA-1) nor 64 (SHA-256) digits");
        }

        if (Convert.FromHexString(hash, digest, out _, out int length) != OperationStatus.Done)
        {
            return Malformed("hash is not hexadecimal");
        }

        if (size.SequenceEqual("*"u8))
        {
            return lowestLevel >= AnySizeLevel
                ? new HashLine { Digest = digest[..length], Size = AnySize }
                : Malformed("size * needs a lowest functionality level of 73 or more after the name");
        }

        return long.TryParse(size, NumberStyles.None, CultureInfo.InvariantCulture, out long bytes)
            ? new HashLine { Digest = digest[..length], Size = bytes }
            : Malformed("size is neither a number of bytes nor *");
    }

    private static bool TryParseLevel(ReadOnlySpan<byte> field, out uint level) =>
        uint.TryParse(field, NumberStyles.None, CultureInfo.InvariantCulture, out level);

    private static ReadOnlySpan<byte> TakeField(scoped ref ReadOnlySpan<byte> rest)
    {
        int length = rest.IndexOf((byte)':');
        ReadOnlySpan<byte> field = length < 0 ? rest : rest[..length];
        rest = length < 0 ? [] : rest[(length + 1)..];
        return field;
    }

    private static HashLine Malformed(string problem) => new() { IsSkipped = true, Problem = problem };
}
