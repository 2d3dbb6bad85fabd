using Scanner.Linux;

namespace Scanner.Engines.Signatures;

/// <summary>Reads a list line by line, in memory that does not depend on what the list has.</summary>
/// <param name="file">The list; borrowed.</param>
/// <param name="path">The list's path, for the error.</param>
internal sealed class LineReader(Descriptor file, string path)
{
    /// <summary>The most bytes of a line. ClamAV reads lists with a buffer of the same length.</summary>
    public const int MaxLineLength = 8192;

    private readonly byte[] _buffer = new byte[64 * 1024];
    private int _start;
    private int _end;
    private long _offset;
    private bool _ended;
    private bool _dropping;

    /// <summary>The number of the line last read, from 1.</summary>
    public long LineNumber { get; private set; }

    /// <summary>Whether the line last read was too long; what was read of it is useless.</summary>
    public bool LineIsTooLong { get; private set; }

    /// <summary>Reads one line.</summary>
    /// <param name="line">The line without its LF; valid until the next call.</param>
    /// <returns><c>false</c> after the last line.</returns>
    /// <exception cref="SignatureListException">The list cannot be read.</exception>
    public bool TryRead(out ReadOnlySpan<byte> line)
    {
        while (true)
        {
            int length = _buffer.AsSpan(_start, _end - _start).IndexOf((byte)'\n');
            if (length >= 0)
            {
                line = Take(length);
                _start++;
                return true;
            }

            if (_ended)
            {
                bool isRest = _start < _end || _dropping;
                line = isRest ? Take(_end - _start) : default;
                return isRest;
            }

            ReadMore();
        }
    }

    private ReadOnlySpan<byte> Take(int length)
    {
        ReadOnlySpan<byte> line = _buffer.AsSpan(_start, length);
        LineIsTooLong = _dropping || length > MaxLineLength;
        LineNumber++;
        _dropping = false;
        _start += length;
        return line;
    }

    private void ReadMore()
    {
        Span<byte> rest = _buffer.AsSpan(_start, _end - _start);
        if (rest.Length > MaxLineLength)
        {
            _dropping = true;
            rest = [];
        }

        rest.CopyTo(_buffer);
        _start = 0;
        _end = rest.Length;
        Errno error = file.Content.TryRead(_buffer.AsSpan(_end), _offset, out int count);
        if (error != Errno.None)
        {
            throw new SignatureListException(path, "cannot be read", ErrnoException.From(error, "pread", path));
        }

        _end += count;
        _offset += count;
        _ended = count == 0;
    }
}
