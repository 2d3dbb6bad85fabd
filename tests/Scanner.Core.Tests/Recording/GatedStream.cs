using System.Text;

namespace Scanner.Core.Tests.Recording;

/// <summary>An output that somebody reads, or does not read, or that fails.</summary>
internal sealed class GatedStream : Stream
{
    private readonly ManualResetEventSlim _isRead = new(initialState: true);
    private readonly List<string> _lines = [];

    public bool Fails { get; set; }

    public IReadOnlyList<string> Lines
    {
        get
        {
            lock (_lines)
            {
                return [.. _lines];
            }
        }
    }

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Whoever writes now waits.</summary>
    public void Block() => _isRead.Reset();

    public void Unblock() => _isRead.Set();

    public override void Write(byte[] buffer, int offset, int count)
    {
        _isRead.Wait();
        if (Fails)
        {
            throw new IOException("No space left on device");
        }

        lock (_lines)
        {
            _lines.Add(Encoding.UTF8.GetString(buffer, offset, count));
        }
    }

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
