namespace Scanner.Stores.Sqlite;

/// <summary>What stands for an epoch.</summary>
/// <param name="Id">In the rows.</param>
/// <param name="Checksum">
/// Of its name, and part of every row's checksum: the same id may mean another epoch in pages that came from elsewhere,
/// such as a write-ahead log that somebody left beside another database.
/// </param>
internal readonly record struct EpochKey(long Id, uint Checksum);
