using Scanner.Core.Caching;

namespace Scanner.Stores.Sqlite;

/// <summary>A version of a file; one row a file.</summary>
internal readonly struct FileKey(in FileVersion version) : IRowKey
{
    private readonly FileVersion _version = version;

    public void Find(Statement statement) =>
        statement.Bind(1, (long)_version.File.Filesystem).Bind(2, (long)_version.File.Inode);

    public bool IsSame(Statement row, int first) =>
        (ulong)row.Number(first) == _version.Generation
        && row.Number(first + 1) == _version.Size
        && row.Number(first + 2) == _version.ModifiedAt
        && row.Number(first + 3) == _version.ChangedAt;

    public int Checksum(EpochKey epoch, string? signature) => RowCheck.Of(_version, epoch, signature);
}
