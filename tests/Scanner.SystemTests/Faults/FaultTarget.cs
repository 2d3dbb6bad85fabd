using Scanner.SystemTests.Fixtures;
using Scanner.SystemTests.Openers;

namespace Scanner.SystemTests.Faults;

/// <summary>A process that keeps groups, and its child that answers, which may be killed.</summary>
/// <param name="KeeperId">The process that must not die.</param>
/// <param name="ReaderName">How the threads that answer are called, so that it shows that the child has begun.</param>
/// <param name="File">A watched file. Who opens it is asked about after all who came before.</param>
internal sealed record FaultTarget(int KeeperId, string ReaderName, string File)
{
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(30);

    /// <summary>The child's process id, or 0 if there is none at this moment.</summary>
    public int TryFindWorker() => ProcessTable.ChildrenOf(KeeperId).FirstOrDefault(ProcessTable.IsAlive);

    /// <summary>Waits for a child that is another one than before.</summary>
    public async Task<int> NextAsync(int before)
    {
        int worker = 0;
        bool found = await Poll.UntilAsync(_limit, () => (worker = TryFindWorker()) != 0 && worker != before);
        Assert.True(found, $"no worker came after {before}");
        return worker;
    }

    /// <summary>Waits until a child that is another one than before has read what was asked meanwhile.</summary>
    public async Task<int> ServingAsync(int before)
    {
        int worker = 0;
        bool serves = await Poll.UntilAsync(_limit, () =>
            (worker = TryFindWorker()) != 0 && worker != before && ProcessTable.HasThread(worker, ReaderName));
        Assert.True(serves, $"no worker serves after {before}");
        OpenerResult answered = await Opener.RunAsync(_limit, "open", File);
        Assert.False(answered.Line.StartsWith("killed", StringComparison.Ordinal), "an open is never answered");
        return worker;
    }
}
