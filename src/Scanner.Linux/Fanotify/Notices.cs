using System.Runtime.InteropServices;

namespace Scanner.Linux.Fanotify;

/// <summary>The notices of a group, one after the other. Each is good until the next one is taken.</summary>
public ref struct Notices
{
    private readonly NoticeGroup _group;
    private readonly Span<byte> _buffer;
    private ReadOnlySpan<byte> _rest;

    internal Notices(NoticeGroup group, Span<byte> buffer)
    {
        _group = group;
        _buffer = buffer;
    }

    public Notice Current { get; private set; }

    public readonly Notices GetEnumerator() => this;

    public bool MoveNext()
    {
        if (_rest.Length < EventMetadata.ByteCount)
        {
            _rest = _buffer[.._group.Read(_buffer)];
            if (_rest.Length < EventMetadata.ByteCount)
            {
                return false;
            }
        }

        EventMetadata metadata = MemoryMarshal.Read<EventMetadata>(_rest);
        int length = (int)Math.Clamp(metadata.EventLength, EventMetadata.ByteCount, (uint)_rest.Length);
        Current = new Notice(metadata, _rest[EventMetadata.ByteCount..length]);
        _rest = _rest[length..];
        return true;
    }
}
