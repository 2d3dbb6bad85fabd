using Scanner.Core.Caching;
using Scanner.Core.Scanning;
using SQLitePCL;

namespace Scanner.Stores.Sqlite;

/// <summary>Looks up single rows, for one thread at a time. It allocates only the name of a signature.</summary>
internal sealed class Reader : IDisposable
{
    /// <summary>Only a checkpoint's last moment can make a reader wait.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromMilliseconds(10);

    /// <summary>Inner pages; for the leaves there is the kernel's own cache.</summary>
    private const int CacheKib = 512;

    private const int EpochColumn = 0;
    private const int SignatureColumn = 1;
    private const int ChecksumColumn = 2;
    private const int VersionColumn = 3;

    private readonly Connection _connection;
    private readonly Statement _file;
    private readonly Statement _content;

    /// <exception cref="StoreException">The database cannot be read.</exception>
    public Reader(string path)
    {
        _connection = new Connection(path, isReadOnly: true, s_patience, CacheKib);
        try
        {
            _file = _connection.Prepare("""
                SELECT epoch, signature, checksum, generation, size, modified, changed
                FROM files WHERE filesystem = ?1 AND inode = ?2
                """);
            _content = _connection.Prepare("SELECT epoch, signature, checksum FROM contents WHERE digest = ?1");

            // Now, and not later, the log is opened by its name: both names may be somebody else's by then.
            _ = _connection.QueryNumber("SELECT count(*) FROM epochs");
        }
        catch
        {
            _connection.Dispose();
            throw;
        }
    }

    public LookUp Find(in FileVersion version, EpochKey epoch, out Verdict verdict) =>
        Find(_file, new FileKey(version), epoch, out verdict);

    public LookUp Find(in ContentDigest content, EpochKey epoch, out Verdict verdict) =>
        Find(_content, new ContentKey(content), epoch, out verdict);

    public void Dispose()
    {
        _file.Dispose();
        _content.Dispose();
        _connection.Dispose();
    }

    private static LookUp Find<TKey>(Statement statement, in TKey key, EpochKey epoch, out Verdict verdict)
        where TKey : struct, IRowKey
    {
        verdict = default;
        key.Find(statement);
        int code = statement.Step();
        LookUp found = code == raw.SQLITE_ROW ? Read(statement, key, epoch, out verdict) : WithoutRow(code);
        statement.Reset();
        return found;
    }

    private static LookUp Read<TKey>(Statement row, in TKey key, EpochKey epoch, out Verdict verdict)
        where TKey : struct, IRowKey
    {
        verdict = default;
        if (!key.IsSame(row, VersionColumn))
        {
            return LookUp.OtherVersion;
        }

        if (row.Number(EpochColumn) != epoch.Id)
        {
            return LookUp.OtherEpoch;
        }

        string? signature = row.Text(SignatureColumn);
        if (key.Checksum(epoch, signature) != row.Number(ChecksumColumn))
        {
            return LookUp.Damaged;
        }

        verdict = signature is null ? Verdict.Clean : Verdict.Infected(signature);
        return LookUp.Hit;
    }

    private static LookUp WithoutRow(int code)
    {
        if (code == raw.SQLITE_DONE)
        {
            return LookUp.Miss;
        }

        return SqliteLibrary.FaultOf(code) == StoreFault.Damaged ? LookUp.Damaged : LookUp.Failed;
    }
}
