using Scanner.Core.Scanning;

namespace Scanner.Core.Caching;

/// <summary>The names of all signatures found so far, so that a cache's entry holds a number and no name.</summary>
/// <remarks>
/// Only ever appended to: an index stays good as long as the process. It grows with the signatures that were found, not
/// with the files. Reading takes no lock and allocates nothing.
/// </remarks>
internal sealed class SignatureNames
{
    private const int FirstLength = 16;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, int> _indexes = new(StringComparer.Ordinal);
    private volatile string[] _names = new string[FirstLength];

    /// <summary>The short form of a verdict.</summary>
    /// <returns><c>false</c> if the verdict must not be kept: not scannable, or given by a stand-in.</returns>
    public bool TryShorten(Verdict verdict, out KnownVerdict known)
    {
        known = verdict switch
        {
            { StandIn: not null } => default,
            { Kind: VerdictKind.Clean } => KnownVerdict.Clean,
            { Kind: VerdictKind.Infected } => KnownVerdict.Infected(IndexOf(verdict.Signature!)),
            _ => default,
        };
        return known != default;
    }

    /// <summary>The verdict that was shortened.</summary>
    /// <exception cref="ArgumentException">It is no verdict.</exception>
    public Verdict Expand(KnownVerdict known) => known.Kind switch
    {
        VerdictKind.Clean => Verdict.Clean,
        VerdictKind.Infected => Verdict.Infected(_names[known.Signature]),
        _ => throw new ArgumentException("not a verdict", nameof(known)),
    };

    private int IndexOf(string name)
    {
        lock (_lock)
        {
            if (_indexes.TryGetValue(name, out int index))
            {
                return index;
            }

            index = _indexes.Count;
            string[] names = _names;
            if (index == names.Length)
            {
                Array.Resize(ref names, names.Length * 2);
            }

            // The name is in its place before anybody can learn its index.
            names[index] = name;
            _names = names;
            _indexes.Add(name, index);
            return index;
        }
    }
}
