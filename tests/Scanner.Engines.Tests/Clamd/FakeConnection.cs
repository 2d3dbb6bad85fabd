using System.Net.Sockets;
using System.Text;

namespace Scanner.Engines.Tests.Clamd;

/// <summary>The server's end of one connection.</summary>
internal sealed class FakeConnection(Socket socket)
{
    public void Send(string text)
    {
        try
        {
            socket.Send(Encoding.ASCII.GetBytes(text));
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            // The client has had enough, which is what some tests want.
        }
    }

    public void Close() => socket.Dispose();

    /// <returns><c>null</c> at the end.</returns>
    public string? TryReadCommand()
    {
        StringBuilder command = new();
        while (TryReadByte() is { } next)
        {
            if (next != 0)
            {
                command.Append((char)next);
                continue;
            }

            // The byte that the descriptor comes with.
            if (command.ToString() == "zFILDES")
            {
                _ = TryReadByte();
            }

            return command.ToString();
        }

        return null;
    }

    private byte? TryReadByte()
    {
        byte[] one = new byte[1];
        try
        {
            return socket.Receive(one) == 1 ? one[0] : null;
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            return null;
        }
    }
}
