namespace Scanner.Stores.Sqlite;

/// <summary>A reader taken out of its pool, which goes back there at the end.</summary>
/// <param name="pool">Where it belongs.</param>
/// <param name="reader"><c>null</c> if there was none.</param>
/// <param name="place">Where in the pool.</param>
/// <param name="since">When that was, by the pool's clock.</param>
internal readonly ref struct Rental(ReaderPool pool, Reader? reader, int place, long since)
{
    public Reader? Reader => reader;

    public void Dispose()
    {
        if (reader is not null)
        {
            pool.Return(reader, place, since);
        }
    }
}
