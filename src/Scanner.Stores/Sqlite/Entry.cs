using Scanner.Core.Caching;

namespace Scanner.Stores.Sqlite;

/// <summary>One thing left to be written.</summary>
/// <param name="Kind">Which of the others count.</param>
/// <param name="Number">Grows with every entry.</param>
internal readonly record struct Entry(EntryKind Kind, long Number)
{
    /// <summary>The file's version; of one to forget only which file.</summary>
    public FileVersion Version { get; init; }

    public ContentDigest Content { get; init; }

    public string Epoch { get; init; } = "";

    /// <summary><c>null</c> for a clean verdict.</summary>
    public string? Signature { get; init; }
}
