using Scanner.Linux.Processes;

namespace Scanner.Linux.Tests;

internal static class Children
{
    /// <summary>Waits for a child's end and reaps it.</summary>
    public static ExitStatus End(ChildProcess child)
    {
        using Poller poller = Poller.Create();
        poller.Add(child.Descriptor, 1);
        Assert.Equal(1, poller.Wait(10_000));
        return child.TryReap() ?? throw new InvalidOperationException("Its pidfd says that the child has ended.");
    }
}
