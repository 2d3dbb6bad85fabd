using System.Globalization;
using System.Text;
using Scanner.Linux.Processes;
using Scanner.Linux.Sockets;
using Scanner.Testing;

namespace Scanner.Linux.Tests;

/// <summary>Child processes that hold something for a test, and speak to it over a socket.</summary>
internal static class Children
{
    /// <summary>Starts a program of tests/native; the socket's number is its last argument.</summary>
    /// <param name="name">The program.</param>
    /// <param name="arguments">The arguments before the socket's number.</param>
    /// <param name="socket">This side's end.</param>
    /// <param name="inherited">What the child gets besides its end.</param>
    public static ChildProcess Start(
        string name,
        IReadOnlyList<string> arguments,
        out ControlSocket socket,
        params IReadOnlyList<Descriptor> inherited)
    {
        (socket, ControlSocket other) = ControlSocket.CreatePair();
        using ControlSocket childs = other;
        return ChildProcess.Start(new SpawnRequest(
            NativeProgram.Path(name), [name, .. arguments, Number(childs)], [], [childs, .. inherited], []));
    }

    /// <summary>A descriptor's number as an argument.</summary>
    public static string Number(Descriptor descriptor) => descriptor.Number.ToString(CultureInfo.InvariantCulture);

    /// <summary>The next message; fails the test when none comes within 5 s or the child is gone.</summary>
    public static byte[] Hear(ControlSocket socket)
    {
        using Poller poller = Poller.Create();
        poller.Add(socket, 1);
        Assert.Equal(1, poller.Wait(5_000));
        byte[] buffer = new byte[ControlSocket.MaxMessageBytes];
        Assert.Equal(Errno.None, socket.Receive(buffer, out ReceivedMessage received));
        return buffer[..received.Length];
    }

    public static string HearText(ControlSocket socket) => Encoding.UTF8.GetString(Hear(socket));

    /// <summary>Waits for a child's end and reaps it.</summary>
    public static ExitStatus End(ChildProcess child)
    {
        using Poller poller = Poller.Create();
        poller.Add(child.Descriptor, 1);
        Assert.Equal(1, poller.Wait(10_000));
        return child.TryReap() ?? throw new InvalidOperationException("Its pidfd says that the child has ended.");
    }

    /// <summary>Ends a child by SIGKILL; for one that has ended it does nothing.</summary>
    public static void Kill(ChildProcess child)
    {
        child.Signal(ProcessSignal.Kill);
        _ = End(child);
    }
}
