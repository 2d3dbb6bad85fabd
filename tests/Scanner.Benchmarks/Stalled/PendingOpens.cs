using Scanner.Benchmarks.Processes;

namespace Scanner.Benchmarks.Stalled;

/// <summary>Opens that wait for an answer from their start to their end.</summary>
internal sealed class PendingOpens : IAsyncDisposable
{
    /// <summary>So many each that none has a crowd, which would be cut down.</summary>
    private const int OpensOfAUser = 30;

    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(4);

    private readonly ChildProcess _process;
    private readonly Answers _answered;

    private PendingOpens(ChildProcess process, Answers answered)
    {
        _process = process;
        _answered = answered;
    }

    /// <summary>Starts the openers and waits until all of them wait.</summary>
    public static async Task<PendingOpens> StartAsync(
        string program, int count, string directory, CancellationToken cancellation)
    {
        Answers answered = new();
        int users = (count + OpensOfAUser - 1) / OpensOfAUser;
        ChildProcess process = await ChildProcess.StartAsync(
            [program, $"{count}", $"{users}", directory],
            cpu: null,
            Lifetime,
            line => answered.Note(line),
            cancellation);
        return new PendingOpens(process, answered);
    }

    /// <summary>Fails if one of them was answered: then fewer waited than was meant.</summary>
    public void AssertPending()
    {
        _process.AssertRunning();
        if (_answered.Line is { } line)
        {
            throw new BenchmarkException($"opens that should have waited were answered: {line}");
        }
    }

    /// <remarks>By its id: looking for some thousand children one by one takes minutes. They end with it.</remarks>
    public async ValueTask DisposeAsync()
    {
        await _process.StopAsync("KILL");
        await _process.DisposeAsync();
    }

    private sealed class Answers
    {
        private volatile string? _line;

        public string? Line => _line;

        /// <returns>Whether it says that all wait.</returns>
        public bool Note(string line)
        {
            if (line.StartsWith("answered", StringComparison.Ordinal))
            {
                _line = line;
            }

            return line == "ready";
        }
    }
}
