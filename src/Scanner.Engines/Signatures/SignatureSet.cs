using System.Security.Cryptography;
using Scanner.Core.Scanning;

namespace Scanner.Engines.Signatures;

/// <summary>Everything that was loaded from lists. Immutable, shared by all scans.</summary>
internal sealed class SignatureSet
{
    private readonly DigestTable[] _tables;
    private readonly NameStore _names;

    /// <param name="tables">The signatures; where content matches several, the first table names it.</param>
    /// <param name="names">Their names.</param>
    /// <exception cref="CryptographicException">
    /// The machine refuses an algorithm that the lists need, as MD5 in FIPS mode.
    /// </exception>
    public SignatureSet(IEnumerable<DigestTable> tables, NameStore names)
    {
        _tables = [.. tables.Where(table => table.Count > 0)];
        _names = names;
        using EpochHash epoch = new();
        foreach (DigestTable table in _tables)
        {
            table.AddTo(epoch, names);
            Count += table.Count;

            // The first hash opens libraries and their configuration: here, and not while an opener waits.
            CryptographicOperations.HashData(table.Algorithm, []);
        }

        Epoch = new EngineEpoch(epoch.Finish(), IsSettled: true);
    }

    /// <summary>What is loaded: a digest of all of it.</summary>
    public EngineEpoch Epoch { get; }

    /// <summary>The number of signatures.</summary>
    public long Count { get; }

    /// <summary>One table per algorithm that has signatures, in the order in which they are asked.</summary>
    public ReadOnlySpan<DigestTable> Tables => _tables;

    /// <summary>Whether content of this many bytes can match at all.</summary>
    public bool MayMatch(long size)
    {
        foreach (DigestTable table in _tables)
        {
            if (table.MayMatch(size))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Judges content that is in memory as a whole.</summary>
    public Verdict Judge(ReadOnlySpan<byte> content)
    {
        Span<byte> digest = stackalloc byte[HashLine.MaxDigestLength];
        foreach (DigestTable table in _tables)
        {
            if (!table.MayMatch(content.Length))
            {
                continue;
            }

            int length = CryptographicOperations.HashData(table.Algorithm, content, digest);
            if (table.TryFind(digest[..length], content.Length, out int name))
            {
                return Infected(name);
            }
        }

        return Verdict.Clean;
    }

    /// <summary>The verdict that names a signature of one of the tables.</summary>
    public Verdict Infected(int name) => Verdict.Infected(_names.Text(name));
}
