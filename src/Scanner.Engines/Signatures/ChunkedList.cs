namespace Scanner.Engines.Signatures;

/// <summary>A list that grows without copying what it has.</summary>
/// <remarks>A list that doubles would need three times its content at the moment it grows.</remarks>
internal sealed class ChunkedList<T>
    where T : struct
{
    private const int ChunkLength = 16 * 1024;

    private readonly List<T[]?> _chunks = [];
    private int _used = ChunkLength;

    public int Count { get; private set; }

    public void Add(in T item)
    {
        if (_used == ChunkLength)
        {
            _chunks.Add(new T[ChunkLength]);
            _used = 0;
        }

        _chunks[^1]![_used++] = item;
        Count = checked(Count + 1);
    }

    /// <summary>Moves everything into one array of the exact length. The list is empty after it.</summary>
    public T[] MoveToArray()
    {
        T[] all = new T[Count];
        for (int i = 0, start = 0; start < all.Length; i++, start += ChunkLength)
        {
            int length = Math.Min(ChunkLength, all.Length - start);
            _chunks[i].AsSpan(0, length).CopyTo(all.AsSpan(start));

            // Let go one by one: a collection while this runs can already have them.
            _chunks[i] = null;
        }

        _chunks.Clear();
        _used = ChunkLength;
        Count = 0;
        return all;
    }
}
