using System.Text;
using Scanner.Linux;
using Scanner.Linux.Sockets;

namespace Scanner.Engines.Clamd;

/// <summary>Has clamd load its database again, on its own connection: within a session RELOAD is refused.</summary>
internal static class ClamdReload
{
    /// <summary>Not longer, since meanwhile nobody sees whether clamd is there; it can be sent again.</summary>
    private static readonly TimeSpan s_limit = TimeSpan.FromMilliseconds(500);

    /// <summary>Sends RELOAD. While clamd is loading it has the same answer and no effect (1.4.6).</summary>
    /// <returns>Whether clamd said that it will load; <c>null</c> if it did not answer.</returns>
    public static bool? TryAsk(ClamdOptions options)
    {
        if (UnixStream.TryConnect(options.SocketPath, options.ConnectLimit, out UnixStream? stream) != Errno.None)
        {
            return null;
        }

        using (stream)
        {
            stream!.SetReceiveLimit(options.PingLimit < s_limit ? options.PingLimit : s_limit);
            if (stream.Send("zRELOAD\0"u8) != Errno.None)
            {
                return null;
            }

            byte[] reply = new byte[64];
            int filled = 0;
            while (filled < reply.Length
                && stream.Receive(reply.AsSpan(filled), out int count, out _) == Errno.None
                && count > 0)
            {
                filled += count;
                if (reply[filled - 1] == 0)
                {
                    break;
                }
            }

            return filled == 0 ? null : Encoding.ASCII.GetString(reply, 0, filled) == "RELOADING\0";
        }
    }
}
