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
                SELECT generation, size, modified, changed, epoch, signature, checksum
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

    public LookUp Find(in FileVersion version, EpochKey epoch, out Verdict verdict)
    {
        verdict = default;
        _file.Bind(1, (long)version.File.Filesystem).Bind(2, (long)version.File.Inode);
        int code = _file.Step();
        LookUp found = code == raw.SQLITE_ROW ? Read(version, epoch, out verdict) : WithoutRow(code);
        _file.Reset();
        return found;
    }

    public LookUp Find(in ContentDigest content, EpochKey epoch, out Verdict verdict)
    {
        verdict = default;
        _content.Bind(1, content);
        int code = _content.Step();
        LookUp found = code == raw.SQLITE_ROW ? Read(content, epoch, out verdict) : WithoutRow(code);
        _content.Reset();
        return found;
    }

    public void Dispose()
    {
        _file.Dispose();
        _content.Dispose();
        _connection.Dispose();
    }

    private LookUp Read(in FileVersion version, EpochKey epoch, out Verdict verdict)
    {
        verdict = default;
        bool isSame = (ulong)_file.Number(0) == version.Generation
            && _file.Number(1) == version.Size
            && _file.Number(2) == version.ModifiedAt
            && _file.Number(3) == version.ChangedAt;
        if (!isSame)
        {
            return LookUp.OtherVersion;
        }

        if (_file.Number(4) != epoch.Id)
        {
            return LookUp.OtherEpoch;
        }

        string? signature = _file.Text(5);
        return ToVerdict(signature, RowCheck.Of(version, epoch, signature) == _file.Number(6), out verdict);
    }

    private LookUp Read(in ContentDigest content, EpochKey epoch, out Verdict verdict)
    {
        verdict = default;
        if (_content.Number(0) != epoch.Id)
        {
            return LookUp.OtherEpoch;
        }

        string? signature = _content.Text(1);
        return ToVerdict(signature, RowCheck.Of(content, epoch, signature) == _content.Number(2), out verdict);
    }

    private static LookUp ToVerdict(string? signature, bool isWhole, out Verdict verdict)
    {
        if (!isWhole)
        {
            verdict = default;
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
