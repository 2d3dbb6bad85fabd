namespace Scanner.Stores.Sqlite;

/// <summary>What the writer takes at once.</summary>
/// <param name="Entries">In the order in which they were added.</param>
/// <param name="Flushes">Who waits until these entries are written or lost.</param>
/// <param name="IsLast">Whether the queue is closed.</param>
internal readonly record struct WriteBatch(
    List<Entry> Entries, List<TaskCompletionSource> Flushes, bool IsLast);
