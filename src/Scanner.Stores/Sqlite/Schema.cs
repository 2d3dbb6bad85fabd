namespace Scanner.Stores.Sqlite;

/// <summary>The tables.</summary>
/// <remarks>
/// <c>id</c> grows with every row, so the lowest ones are the oldest. A row without signature is about a clean content.
/// The ids of epochs are never used again (AUTOINCREMENT), else a row left over would belong to an epoch that never
/// gave it. 64-bit numbers without sign are stored as the signed ones with the same bits.
/// </remarks>
internal static class Schema
{
    /// <summary>In the database's header; a newer scanner that changes the tables raises it.</summary>
    public const int Version = 1;

    /// <summary>In the database's header: "Scnv".</summary>
    public const int ApplicationId = 0x5363_6E76;

    private const string Tables = """
        CREATE TABLE epochs (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE);
        CREATE TABLE files (
            id INTEGER PRIMARY KEY, filesystem INTEGER NOT NULL, inode INTEGER NOT NULL, generation INTEGER NOT NULL,
            size INTEGER NOT NULL, modified INTEGER NOT NULL, changed INTEGER NOT NULL,
            epoch INTEGER NOT NULL, signature TEXT, checksum INTEGER NOT NULL);
        CREATE UNIQUE INDEX files_by_identity ON files (filesystem, inode);
        CREATE TABLE contents (
            id INTEGER PRIMARY KEY, digest BLOB NOT NULL,
            epoch INTEGER NOT NULL, signature TEXT, checksum INTEGER NOT NULL);
        CREATE UNIQUE INDEX contents_by_digest ON contents (digest);
        """;

    /// <summary>Makes the tables in an empty database, or makes sure that they are this version's.</summary>
    /// <exception cref="StoreException">They are somebody else's, or damaged.</exception>
    public static void Ensure(Connection connection, string path)
    {
        long version = connection.QueryNumber("PRAGMA user_version");
        long application = connection.QueryNumber("PRAGMA application_id");
        bool isEmpty = connection.QueryNumber("SELECT count(*) FROM sqlite_master") == 0;
        if (isEmpty && version == 0 && application == 0)
        {
            UseWriteAheadLog(connection);
            connection.Execute(
                $"BEGIN IMMEDIATE; {Tables} PRAGMA user_version = {Version}; "
                + $"PRAGMA application_id = {ApplicationId}; COMMIT");
            return;
        }

        if (application != ApplicationId)
        {
            throw new StoreException(StoreFault.Foreign, $"{path} is a database of another program; it is left alone");
        }

        if (version != Version)
        {
            throw new StoreException(
                StoreFault.Foreign,
                $"{path} was made by another version of the scanner (format {version}, this one's is {Version}); "
                + "it is left alone");
        }

        UseWriteAheadLog(connection);
    }

    private static void UseWriteAheadLog(Connection connection)
    {
        string mode = connection.QueryText("PRAGMA journal_mode = WAL");
        if (mode != "wal")
        {
            throw new StoreException(StoreFault.Unusable, $"no write-ahead log is possible there, only '{mode}'");
        }

        // NORMAL: a commit survives the process, also a killed one. A power cut takes the last ones, damaging none.
        connection.Execute("PRAGMA synchronous = NORMAL; PRAGMA journal_size_limit = 4194304;");
    }
}
