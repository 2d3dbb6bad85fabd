using System.Globalization;
using System.Text;
using Scanner.Linux;
using Scanner.Linux.Sockets;

namespace Scanner.Engines.Clamd;

/// <summary>A session for questions about clamd itself: one at a time, each with a limit. Used by one thread.</summary>
internal sealed class ClamdChannel : IDisposable
{
    /// <summary>STATS names the files that are being scanned, so it can be long.</summary>
    private const int MaxReplyBytes = 64 * 1024;

    private readonly UnixStream _stream;
    private readonly TimeSpan _limit;
    private readonly TimeProvider _time;
    private readonly byte[] _buffer = new byte[MaxReplyBytes];
    private uint _lastId;

    private ClamdChannel(UnixStream stream, TimeSpan limit, TimeProvider time)
    {
        _stream = stream;
        _limit = limit;
        _time = time;
    }

    /// <summary>Who sent the last reply; 0 where that cannot be seen from here.</summary>
    public int SenderProcessId { get; private set; }

    /// <returns><c>null</c> if clamd cannot be reached.</returns>
    public static ClamdChannel? TryOpen(
        string socketPath, TimeSpan connectLimit, TimeSpan replyLimit, TimeProvider time)
    {
        if (UnixStream.TryConnect(socketPath, connectLimit, out UnixStream? stream) != Errno.None)
        {
            return null;
        }

        stream!.SetReceiveLimit(replyLimit);
        if (stream.Send("zIDSESSION\0"u8) == Errno.None)
        {
            return new ClamdChannel(stream, replyLimit, time);
        }

        stream.Dispose();
        return null;
    }

    /// <summary>Sends a command and waits for its reply.</summary>
    /// <returns>
    /// The reply without its number; <c>null</c> if none came in time or something else did. The channel is of no use
    /// then, since the reply may still come.
    /// </returns>
    public string? TryAsk(string command)
    {
        _lastId++;
        if (_stream.Send(Encoding.ASCII.GetBytes($"z{command}\0")) != Errno.None || TryReceive() is not { } reply)
        {
            return null;
        }

        string prefix = _lastId.ToString(CultureInfo.InvariantCulture) + ": ";
        return reply.StartsWith(prefix, StringComparison.Ordinal) ? reply[prefix.Length..] : null;
    }

    public bool TryPing() => TryAsk("PING") == "PONG";

    public void Dispose() => _stream.Dispose();

    private string? TryReceive()
    {
        long start = _time.GetTimestamp();
        int filled = 0;
        while (filled < _buffer.Length && _time.GetElapsedTime(start) <= _limit)
        {
            if (_stream.Receive(_buffer.AsSpan(filled), out int count, out int sender) != Errno.None)
            {
                return null;
            }

            SenderProcessId = sender;
            filled += count;
            int end = _buffer.AsSpan(0, filled).IndexOf((byte)0);
            if (end >= 0)
            {
                // One question, one reply: what follows was not asked for.
                return end == filled - 1 ? Encoding.UTF8.GetString(_buffer, 0, end) : null;
            }
        }

        return null;
    }
}
