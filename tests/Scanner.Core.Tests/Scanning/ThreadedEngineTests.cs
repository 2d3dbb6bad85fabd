using System.Collections.Concurrent;
using Scanner.Core.Scanning;
using Scanner.Core.Tests.Fixtures;

namespace Scanner.Core.Tests.Scanning;

/// <summary>Threads for an engine whose reads may hang in the kernel.</summary>
public sealed class ThreadedEngineTests
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(5);

    [Fact(Timeout = 20_000)]
    public async Task GivenAThreadThatHangs_WhenItsScanIsCancelled_ThenAnotherTakesItsPlace()
    {
        using HangingEngine hanging = new(concurrency: 1);
        using ThreadedEngine engine = new(hanging);
        using CancellationTokenSource deadline = new();
        Task<Verdict> stuck = engine.ScanAsync(HangingEngine.Hangs, deadline.Token).AsTask();
        Task<Verdict> next = engine.ScanAsync(HangingEngine.Returns, CancellationToken.None).AsTask();
        Assert.True(hanging.WaitForHanging(1, s_limit));
        Assert.False(next.IsCompleted);

        await deadline.CancelAsync();

        Assert.Equal(Verdict.Clean, await next.WaitAsync(s_limit, TestContext.Current.CancellationToken));
        Assert.False(stuck.IsCompleted);
        Assert.Equal(2, engine.Concurrency);
        hanging.Release();
        await stuck.WaitAsync(s_limit, TestContext.Current.CancellationToken);
    }

    [Fact(Timeout = 20_000)]
    public async Task GivenManyThreadsThatHang_WhenTheirScansAreCancelled_ThenNotMoreThanABoundAreReplaced()
    {
        const int bound = 64;
        using HangingEngine hanging = new(concurrency: 1);
        using ThreadedEngine engine = new(hanging);
        ConcurrentBag<Task> scans = [];
        using CancellationTokenSource deadline = new();
        for (int i = 0; i < bound + 10; i++)
        {
            // Cancelled while it hangs: what is cancelled before it starts is not even begun.
            CancellationTokenSource own = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token);
            scans.Add(engine.ScanAsync(HangingEngine.Hangs, own.Token).AsTask());
            if (i <= bound)
            {
                Assert.True(hanging.WaitForHanging(i + 1, s_limit));
                await own.CancelAsync();
            }
        }

        await Task.Delay(200, TestContext.Current.CancellationToken);
        Assert.Equal(bound + 1, hanging.Hanging);

        // All come back, and what waited is scanned.
        hanging.Release();
        await Task.WhenAll(scans).WaitAsync(s_limit, TestContext.Current.CancellationToken);
        Assert.Equal(
            Verdict.Clean,
            await engine.ScanAsync(HangingEngine.Returns, CancellationToken.None).AsTask()
                .WaitAsync(s_limit, TestContext.Current.CancellationToken));
    }

    [Fact(Timeout = 20_000)]
    public async Task GivenAnEngineThatThrows_WhenItScans_ThenTheCallerIsToldAndTheThreadGoesOn()
    {
        using HangingEngine hanging = new(concurrency: 1);
        using ThreadedEngine engine = new(hanging);

        await Assert.ThrowsAsync<InvalidOperationException>(
            async () => await engine.ScanAsync(HangingEngine.Throws, CancellationToken.None));

        Assert.Equal(Verdict.Clean, await engine.ScanAsync(HangingEngine.Returns, CancellationToken.None));
    }
}
