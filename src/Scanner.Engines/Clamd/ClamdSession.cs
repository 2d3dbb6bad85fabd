using System.Text;
using Scanner.Linux;
using Scanner.Linux.Files;
using Scanner.Linux.Sockets;

namespace Scanner.Engines.Clamd;

/// <summary>
/// One connection to clamd on which many scans are asked for at once (clamd(8), IDSESSION and FILDES).
/// </summary>
/// <remarks>
/// clamd numbers the commands of a session from 1 and answers in any order, each answer with its number. Command, one
/// byte and descriptor go in one sendmsg(2): clamd takes the descriptor that comes with the byte after the command.
/// <para>
/// Anything but an answer to a request that is open ends the session, since after that no number can be trusted, and
/// all its scans are without reply. The table is closed before the connection is, and the stream is closed by the
/// receiving thread under the send lock, so no request is added that nobody answers and nobody sends on a number that
/// is reused.
/// </para>
/// Lock order: the send lock, then the table's.
/// </remarks>
internal sealed class ClamdSession
{
    /// <summary>Longest reply. The longest that clamd makes is a signature's name and a few words.</summary>
    private const int MaxReplyBytes = 8 * 1024;

    private readonly UnixStream _stream;
    private readonly Action<string> _reportNonsense;
    private readonly PendingScans _pending = new();
    private readonly Lock _sending = new();
    private uint _lastId;

    private ClamdSession(UnixStream stream, Action<string> reportNonsense)
    {
        _stream = stream;
        _reportNonsense = reportNonsense;
    }

    public bool IsBroken => _pending.IsClosed;

    private static ReadOnlySpan<byte> Start => "zIDSESSION\0"u8;

    /// <summary>The command, and the byte that the descriptor goes with.</summary>
    private static ReadOnlySpan<byte> Request => "zFILDES\0\0"u8;

    /// <summary>What clamd says, without a NUL, to a session that has been idle for its ReadTimeout.</summary>
    private static ReadOnlySpan<byte> IdleNotice => "COMMAND READ TIMED OUT\n"u8;

    /// <summary>Connects, which does not wait, and starts receiving.</summary>
    /// <param name="socketPath">Where.</param>
    /// <param name="reportNonsense">Told of what was no reply.</param>
    /// <returns><c>null</c> if clamd cannot be reached.</returns>
    /// <exception cref="OutOfMemoryException">No thread is left to receive.</exception>
    /// <exception cref="ThreadStartException">As above.</exception>
    public static ClamdSession? TryOpen(string socketPath, Action<string> reportNonsense)
    {
        if (UnixStream.TryConnect(socketPath, out UnixStream? stream) != Errno.None)
        {
            return null;
        }

        if (stream!.Send(Start) != Errno.None)
        {
            stream.Dispose();
            return null;
        }

        ClamdSession session = new(stream, reportNonsense);
        try
        {
            new Thread(session.Receive) { Name = "clamd replies", IsBackground = true }.Start();
            return session;
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    /// <summary>Asks for a scan. Does not wait: what clamd does not take ends the session.</summary>
    /// <param name="scan">Completed with the reply, or when the session ends.</param>
    /// <param name="content">Borrowed for this call: clamd gets a copy.</param>
    /// <returns>
    /// <c>false</c> if clamd did not get the request, because the session has ended: <paramref name="scan"/> is never
    /// completed.
    /// </returns>
    public bool TrySend(PendingScan scan, ContentDescriptor content)
    {
        uint id;
        lock (_sending)
        {
            // Under the lock, so that numbers are given in the order in which clamd reads the commands.
            id = _lastId + 1;
            if (!_pending.TryAdd(id, scan))
            {
                return false;
            }

            _lastId = id;
            if (_stream.Send(Request, content) == Errno.None)
            {
                return true;
            }
        }

        // Unless whoever ended the session meanwhile has taken it, and completes it.
        bool isOurs = _pending.TryTake(id) is not null;
        Break(Breakdown.Closed);
        return !isOurs;
    }

    /// <summary>Ends the session; its scans are without reply. Once only, later calls do nothing.</summary>
    public void Break(Breakdown why)
    {
        IReadOnlyList<PendingScan> left = _pending.Close();
        try
        {
            _stream.Shutdown();
        }
        catch (ObjectDisposedException)
        {
            // The receiving thread was faster.
        }

        foreach (PendingScan scan in left)
        {
            // They try again, each with a connection to make, and whoever ends a session has other things to do.
            ThreadPool.UnsafeQueueUserWorkItem(
                static state => state.Scan.Complete(new ScanOutcome(state.Why)), (Scan: scan, Why: why), false);
        }
    }

    /// <summary>Ends the session if a request was sent at or before a time and still has no reply.</summary>
    /// <returns>Whether it was ended.</returns>
    public bool BreakIfOlderThan(long time)
    {
        bool isOverdue = !IsBroken && _pending.HasOlderThan(time);
        if (isOverdue)
        {
            Break(Breakdown.Closed);
        }

        return isOverdue;
    }

    private void Receive()
    {
        byte[] buffer = new byte[MaxReplyBytes];
        int filled = 0;
        Breakdown why = Breakdown.None;
        while (why == Breakdown.None)
        {
            _stream.WaitForBytes();
            Errno error = _stream.Receive(buffer.AsSpan(filled), out int count, out _);
            if (error == Errno.EAGAIN)
            {
                continue;
            }

            if (error != Errno.None)
            {
                // Half a reply is none. clamd's notice to an idle session is not meant for a request.
                ReadOnlySpan<byte> rest = buffer.AsSpan(0, filled);
                why = rest.IsEmpty || rest.SequenceEqual(IdleNotice) ? Breakdown.Closed : Nonsense(rest);
                break;
            }

            filled += count;
            why = Handle(buffer, ref filled);
        }

        Break(why);
        lock (_sending)
        {
            _stream.Dispose();
        }
    }

    /// <summary>Completes what the complete replies answer, and keeps the rest.</summary>
    private Breakdown Handle(byte[] buffer, ref int filled)
    {
        int start = 0;
        int length;
        while ((length = buffer.AsSpan(start, filled - start).IndexOf((byte)0)) >= 0)
        {
            ReadOnlySpan<byte> line = buffer.AsSpan(start, length);
            if (!ScanReply.TryParse(line, out ScanReply reply) || _pending.TryTake(reply.Id) is not { } scan)
            {
                return Nonsense(line);
            }

            start += length + 1;
            scan.Complete(new ScanOutcome(Breakdown.None, reply));
        }

        buffer.AsSpan(start, filled - start).CopyTo(buffer);
        filled -= start;
        return filled < buffer.Length ? Breakdown.None : Nonsense(buffer);
    }

    private Breakdown Nonsense(ReadOnlySpan<byte> text)
    {
        _reportNonsense(Encoding.ASCII.GetString(text[..Math.Min(text.Length, 100)]));
        return Breakdown.Nonsense;
    }
}
