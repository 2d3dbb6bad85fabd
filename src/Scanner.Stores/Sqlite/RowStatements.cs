using Scanner.Core.Caching;

namespace Scanner.Stores.Sqlite;

/// <summary>Writes and removes single rows.</summary>
/// <remarks>A new row always comes last, so that the order of the ids is the order of age.</remarks>
internal sealed class RowStatements(Connection connection) : IDisposable
{
    private readonly Statement _removeFile =
        connection.Prepare("DELETE FROM files WHERE filesystem = ?1 AND inode = ?2");

    private readonly Statement _addFile = connection.Prepare("""
        INSERT INTO files (filesystem, inode, generation, size, modified, changed, epoch, signature, checksum)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
        """);

    private readonly Statement _removeContent = connection.Prepare("DELETE FROM contents WHERE digest = ?1");

    private readonly Statement _addContent = connection.Prepare(
        "INSERT INTO contents (digest, epoch, signature, checksum) VALUES (?1, ?2, ?3, ?4)");

    /// <returns>How many rows were removed: 0 or 1.</returns>
    public int Remove(FileIdentity file) =>
        _removeFile.Bind(1, (long)file.Filesystem).Bind(2, (long)file.Inode).Run();

    /// <returns>How many rows it took the place of: 0 or 1.</returns>
    public int Replace(in FileVersion version, EpochKey epoch, string? signature)
    {
        int removed = Remove(version.File);
        _ = _addFile
            .Bind(1, (long)version.File.Filesystem)
            .Bind(2, (long)version.File.Inode)
            .Bind(3, (long)version.Generation)
            .Bind(4, version.Size)
            .Bind(5, version.ModifiedAt)
            .Bind(6, version.ChangedAt)
            .Bind(7, epoch.Id)
            .Bind(8, signature)
            .Bind(9, RowCheck.Of(version, epoch, signature))
            .Run();
        return removed;
    }

    /// <returns>How many rows it took the place of: 0 or 1.</returns>
    public int Replace(in ContentDigest content, EpochKey epoch, string? signature)
    {
        int removed = _removeContent.Bind(1, content).Run();
        _ = _addContent
            .Bind(1, content)
            .Bind(2, epoch.Id)
            .Bind(3, signature)
            .Bind(4, RowCheck.Of(content, epoch, signature))
            .Run();
        return removed;
    }

    public void Dispose()
    {
        _removeFile.Dispose();
        _addFile.Dispose();
        _removeContent.Dispose();
        _addContent.Dispose();
    }
}
