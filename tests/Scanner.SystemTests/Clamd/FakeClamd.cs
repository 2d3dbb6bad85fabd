using System.Text;
using Scanner.SystemTests.Fixtures;
using Scanner.SystemTests.Openers;

namespace Scanner.SystemTests.Clamd;

/// <summary>A server in clamd's place that misbehaves in one way; tests/native/fake_clamd.c lists the ways.</summary>
internal sealed class FakeClamd : IAsyncDisposable
{
    private static readonly TimeSpan _limit = TimeSpan.FromMinutes(3);

    /// <summary>A second, by which files must be older than a process, and a moment.</summary>
    private static readonly TimeSpan _older = TimeSpan.FromSeconds(1.5);

    private readonly WorkDirectory _work = new();
    private readonly ChildProcess _child;
    private readonly TaskCompletionSource _ready = new();
    private int _scans;

    private FakeClamd(string behaviour, TimeSpan delay, int threads, int slowUser, bool isSettled)
    {
        string program = isSettled ? Install() : NativeProgram.At("fake_clamd");
        string configuration = $"--config-file={_work.In("clamd.conf")}";
        _child = ChildProcess.Start(
            _limit,
            null,
            program,
            [SocketPath, behaviour, $"{(int)delay.TotalMilliseconds}", $"{threads}", $"{slowUser}", configuration]);
        _ = FollowAsync();
    }

    public string SocketPath => _work.In("clamd.sock");

    public int ProcessId => _child.Id;

    /// <summary>How many scans have been begun up to now.</summary>
    public int Scans => Volatile.Read(ref _scans);

    /// <param name="behaviour">What it does wrong.</param>
    /// <param name="delay">How long it takes.</param>
    /// <param name="threads">Scans at a time.</param>
    /// <param name="slowUser">Whose files take that long, where not all do.</param>
    /// <param name="isSettled">
    /// Whether it is taken for a clamd whose signatures are certain, so that its verdicts may be kept.
    /// </param>
    public static async Task<FakeClamd> StartAsync(
        string behaviour, TimeSpan delay = default, int threads = 4, int slowUser = 0, bool isSettled = false)
    {
        Requirement.Root();
        FakeClamd server = new(behaviour, delay, threads, slowUser, isSettled);
        await server._ready.Task.WaitAsync(TimeSpan.FromSeconds(10));
        return server;
    }

    /// <summary>Waits until so many scans have been begun.</summary>
    public async Task ScansReachAsync(int count) =>
        Assert.True(
            await Poll.UntilAsync(TimeSpan.FromSeconds(5), () => Scans >= count),
            $"{Scans} scans were begun where {count} were expected");

    /// <summary>Ends the server; its socket stays and refuses connections.</summary>
    public async Task EndAsync()
    {
        _child.Kill();
        await Poll.UntilAsync(TimeSpan.FromSeconds(5), () => _child.HasExited);
    }

    public async ValueTask DisposeAsync()
    {
        _child.Dispose();
        await _work.DisposeAsync();
    }

    /// <summary>
    /// What makes a clamd certain: its program's name, and a database and a configuration that are older than it.
    /// </summary>
    private string Install()
    {
        string program = _work.In("clamd");
        File.Copy(NativeProgram.At("fake_clamd"), program);
        _work.Write("clamd.conf", Encoding.UTF8.GetBytes($"DatabaseDirectory {_work.Subdirectory("database")}\n"));
        Thread.Sleep(_older);
        return program;
    }

    private async Task FollowAsync()
    {
        try
        {
            while (await _child.ReadLineAsync() is string line)
            {
                if (line == "ready")
                {
                    _ready.TrySetResult();
                }
                else
                {
                    Interlocked.Increment(ref _scans);
                }
            }
        }
        catch (Exception error) when (error is ObjectDisposedException or InvalidOperationException or IOException)
        {
            // The test is over.
        }

        _ready.TrySetException(new InvalidOperationException("fake_clamd ended before it was ready"));
    }
}
