using Scanner.Benchmarks.Processes;

namespace Scanner.Benchmarks.Responders;

/// <summary>Something that answers the opens of the image while it runs.</summary>
internal interface IResponder : IAsyncDisposable
{
    ChildProcess Process { get; }

    /// <summary>The process that reads the events.</summary>
    int ReaderId { get; }

    /// <summary>Every process whose CPU time is the price of an answer.</summary>
    IReadOnlyList<int> ProcessIds { get; }
}
