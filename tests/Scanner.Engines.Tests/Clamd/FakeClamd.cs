using System.Net.Sockets;

namespace Scanner.Engines.Tests.Clamd;

/// <summary>
/// A socket server in clamd's place: well-behaved when asked about itself, and as told when asked to scan.
/// </summary>
/// <remarks>
/// Descriptors that come with requests are dropped by the kernel, since nobody here makes room for them.
/// </remarks>
internal sealed class FakeClamd : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("scanner-fake-");
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly Action<FakeConnection, uint> _onScan;
    private readonly List<FakeConnection> _connections = [];
    private int _scans;

    /// <param name="onScan">Told of each request to scan, and its number.</param>
    public FakeClamd(Action<FakeConnection, uint> onScan)
    {
        _onScan = onScan;
        SocketPath = Path.Combine(_directory.FullName, "s");
        _listener.Bind(new UnixDomainSocketEndPoint(SocketPath));
        _listener.Listen(100);
        new Thread(Accept) { IsBackground = true }.Start();
    }

    public string SocketPath { get; }

    /// <summary>The answer to VERSION.</summary>
    public string Version { get; set; } = "ClamAV 1.4.6/1/Fake";

    /// <summary>Requests to scan, so far.</summary>
    public int Scans => Volatile.Read(ref _scans);

    public void Dispose()
    {
        _listener.Dispose();
        lock (_connections)
        {
            _connections.ForEach(connection => connection.Close());
        }

        _directory.Delete(recursive: true);
    }

    private void Accept()
    {
        try
        {
            while (true)
            {
                FakeConnection connection = new(_listener.Accept());
                lock (_connections)
                {
                    _connections.Add(connection);
                }

                new Thread(() => Serve(connection)) { IsBackground = true }.Start();
            }
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            // Disposed.
        }
    }

    private void Serve(FakeConnection connection)
    {
        uint id = 0;
        while (connection.TryReadCommand() is { } command)
        {
            switch (command)
            {
                case "zIDSESSION":
                    break;
                case "zFILDES":
                    Interlocked.Increment(ref _scans);
                    _onScan(connection, ++id);
                    break;
                default:
                    connection.Send($"{++id}: {AnswerTo(command)}\0");
                    break;
            }
        }
    }

    private string AnswerTo(string command) => command switch
    {
        "zPING" => "PONG",
        "zVERSION" => Version,
        "zSTATS" => "POOLS: 1\n\nTHREADS: live 1  idle 0 max 10 idle-timeout 30\nEND",
        _ => throw new InvalidOperationException(command),
    };
}
