using Scanner.Linux.Files;

namespace Scanner.Linux.Fanotify;

/// <summary>What happened to one file, or that notices were lost.</summary>
public readonly ref struct Notice
{
    /// <summary>
    /// The first record after the metadata: u8 type, u8, u16 length, u64 file system, then the handle (fanotify(7)).
    /// </summary>
    private const int HandleOffset = 12;

    private const byte FileIdType = 1;

    private readonly ReadOnlySpan<byte> _records;

    internal Notice(EventMetadata metadata, ReadOnlySpan<byte> records)
    {
        Mask = metadata.Mask;
        ProcessId = metadata.ProcessId;
        _records = records;
    }

    /// <summary>What happened; <see cref="EventMask.QueueOverflow"/> if notices were lost.</summary>
    public EventMask Mask { get; }

    /// <summary>Who did it; 0 if it lives outside of this pid namespace.</summary>
    public int ProcessId { get; }

    /// <summary>Tells which file.</summary>
    /// <returns><c>false</c> if the notice is not about one.</returns>
    public bool TryGetHandle(ref FileHandle handle) =>
        _records.Length > HandleOffset && _records[0] == FileIdType && handle.TryCopy(_records[HandleOffset..]);
}
