using Scanner.Benchmarks.Processes;

namespace Scanner.Benchmarks.Responders;

/// <summary>The allow-everything responder in C: the least that an answer can cost.</summary>
internal sealed class ResponderProcess : IResponder
{
    private ResponderProcess(ChildProcess process) => Process = process;

    public ChildProcess Process { get; }

    public int ReaderId => Process.Id;

    public IReadOnlyList<int> ProcessIds => [Process.Id];

    public static Task<ResponderProcess> StartAsync(
        string program, string mountPoint, int? cpu, TimeSpan limit, CancellationToken cancellation) =>
        StartAsync([program, mountPoint], cpu, limit, cancellation);

    /// <summary>The same with a command line of one's own.</summary>
    public static async Task<ResponderProcess> StartAsync(
        IReadOnlyList<string> command, int? cpu, TimeSpan limit, CancellationToken cancellation) =>
        new(await ChildProcess.StartAsync(command, cpu, limit, line => line == "ready", cancellation));

    public ValueTask DisposeAsync() => Process.DisposeAsync();
}
