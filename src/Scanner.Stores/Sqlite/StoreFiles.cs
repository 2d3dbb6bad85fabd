using Scanner.Linux;
using Scanner.Linux.Files;

namespace Scanner.Stores.Sqlite;

/// <summary>The store's directory and what is in it.</summary>
/// <remarks>
/// Whoever can write the store can have a verdict of their own believed. So nobody but root may be able to write the
/// files, or to put others in their place: not in the directory, not in any above it. Symbolic links are refused
/// everywhere, since each would lead past what was looked at.
/// </remarks>
internal sealed class StoreFiles(string directory)
{
    private const uint Root = 0;

    private const UnixFileMode WritableByOthers = UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    public string Database { get; } = Path.Combine(directory, "verdicts.db");

    private string Lock => Path.Combine(directory, "verdicts.lock");

    /// <summary>The write-ahead log: what was committed and is not yet in the database.</summary>
    private string Log => Database + "-wal";

    private string SharedMemory => Database + "-shm";

    /// <summary>Makes directory and empty database where they are missing; looks at who may write them.</summary>
    /// <exception cref="StoreException">Others than root may, or they cannot be made.</exception>
    public void Prepare()
    {
        try
        {
            PrepareDirectory();
            foreach (string file in (string[])[Lock, Database, Log, SharedMemory])
            {
                CheckFile(file);
            }

            // SQLite would make it with the process's umask. An existing one is not touched: closing any descriptor of
            // a file gives up all locks that the process has on it (fcntl(2)).
            if (!File.Exists(Database))
            {
                Open(Database, FileShare.ReadWrite).Dispose();
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new StoreException(StoreFault.Unusable, error.Message);
        }
    }

    /// <summary>Holds the store for one process until it is disposed, or until the process ends (flock(2)).</summary>
    /// <exception cref="StoreException">Another process holds it.</exception>
    public IDisposable TakeLock()
    {
        try
        {
            return Open(Lock, FileShare.None);
        }
        catch (IOException error) when (error.HResult == (int)Errno.EAGAIN)
        {
            throw new StoreException(StoreFault.Unusable, $"another scannerd uses {directory}");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new StoreException(StoreFault.Unusable, error.Message);
        }
    }

    /// <summary>Removes the database. Its log goes first: beside another database it would be that one's.</summary>
    /// <exception cref="StoreException">It cannot be removed.</exception>
    public void Delete()
    {
        try
        {
            File.Delete(Log);
            File.Delete(SharedMemory);
            File.Delete(Database);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new StoreException(StoreFault.Unusable, error.Message);
        }
    }

    /// <summary>Which files they are; differs once one of them was removed or replaced.</summary>
    public (PathStatus Database, PathStatus Log) Identify()
    {
        // Where nothing is the status is empty, which differs as well.
        _ = PathStatus.TryGet(Database, out PathStatus database);
        _ = PathStatus.TryGet(Log, out PathStatus log);
        return (database, log);
    }

    private void PrepareDirectory()
    {
        if (Path.GetFullPath(directory) != directory)
        {
            throw new StoreException(StoreFault.Unusable, $"{directory} is not an absolute path in its plain form");
        }

        for (int end = directory.IndexOf('/', 1); end > 0; end = directory.IndexOf('/', end + 1))
        {
            CheckDirectory(directory[..end], isOwn: false);
        }

        if (PathStatus.TryGet(directory, out _) == Errno.ENOENT)
        {
            _ = System.IO.Directory.CreateDirectory(directory, OwnerOnly | UnixFileMode.UserExecute);
        }

        CheckDirectory(directory, isOwn: true);
    }

    private static void CheckDirectory(string path, bool isOwn)
    {
        PathStatus status = StatusOf(path);
        if (status.Kind != FileKind.Directory)
        {
            throw new StoreException(StoreFault.Unusable, $"{path} is not a directory (links are not followed)");
        }

        // In a sticky directory, such as /tmp, only its owner can move what belongs to root.
        bool isSticky = !isOwn && status.Permissions.HasFlag(UnixFileMode.StickyBit);
        CheckWriters(path, status, isSticky ? UnixFileMode.None : WritableByOthers);
    }

    private static void CheckFile(string path)
    {
        if (PathStatus.TryGet(path, out _) == Errno.ENOENT)
        {
            return;
        }

        PathStatus status = StatusOf(path);
        if (status.Kind != FileKind.Regular)
        {
            throw new StoreException(StoreFault.Unusable, $"{path} is not a regular file (links are not followed)");
        }

        CheckWriters(path, status, WritableByOthers);
    }

    private static void CheckWriters(string path, PathStatus status, UnixFileMode refused)
    {
        if (status.Owner != Root)
        {
            throw new StoreException(
                StoreFault.Unusable, $"{path} belongs to user {status.Owner}, who could have any verdict believed");
        }

        if ((status.Permissions & refused) != 0)
        {
            throw new StoreException(
                StoreFault.Unusable, $"others than root can write {path}, and could have any verdict believed");
        }
    }

    private static PathStatus StatusOf(string path)
    {
        Errno error = PathStatus.TryGet(path, out PathStatus status);
        return error == Errno.None ? status : throw ErrnoException.From(error, "statx", path);
    }

    private static FileStream Open(string path, FileShare share) => new(path, new FileStreamOptions
    {
        Mode = FileMode.OpenOrCreate,
        Access = FileAccess.ReadWrite,
        Share = share,
        BufferSize = 0,
        UnixCreateMode = OwnerOnly,
    });
}
