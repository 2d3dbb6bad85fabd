using Scanner.Core.Caching;

namespace Scanner.Stores.Sqlite;

/// <summary>A content, of which there are no versions.</summary>
internal readonly struct ContentKey(in ContentDigest digest) : IRowKey
{
    private readonly ContentDigest _digest = digest;

    public void Find(Statement statement) => statement.Bind(1, _digest);

    public bool IsSame(Statement row, int first) => true;

    public int Checksum(EpochKey epoch, string? signature) => RowCheck.Of(_digest, epoch, signature);
}
