using Scanner.Testing;

namespace Scanner.Linux.Tests;

public sealed class PollerTests
{
    [Fact(Timeout = 5_000)]
    public Task GivenNothingReady_WhenWaited_ThenTheTimeOutIsKept() => Blocking.Run(() =>
    {
        using Poller poller = Poller.Create();
        using EventCounter counter = EventCounter.CreateSemaphore();
        poller.Add(counter, 1);
        long start = Clock.Now;

        Assert.Equal(0, poller.Wait(50));

        Assert.InRange((Clock.Now - start) / Clock.NanosecondsPerMillisecond, 49, 2_000);
    });

    [Fact(Timeout = 5_000)]
    public Task GivenTwoDescriptors_WhenOneIsReady_ThenItsTokenComesBack() => Blocking.Run(() =>
    {
        using Poller poller = Poller.Create();
        using EventCounter first = EventCounter.CreateFlag();
        using EventCounter second = EventCounter.CreateFlag();
        poller.Add(first, 1);
        poller.Add(second, int.MaxValue);

        second.Post();
        Assert.Equal(int.MaxValue, poller.Wait(1_000));
        poller.Remove(second);

        Assert.Equal(0, poller.Wait(0));
    });

    [Fact(Timeout = 5_000)]
    public Task GivenOneEvent_WhenTwoWaitExclusively_ThenOneWakes() => Blocking.Run(() =>
    {
        using EventCounter counter = EventCounter.CreateSemaphore();
        int woken = 0;
        Thread[] waiters = [.. Enumerable.Range(0, 2).Select(_ => new Thread(() =>
        {
            using Poller poller = Poller.Create();
            poller.AddExclusive(counter, 1);
            if (poller.Wait(700) == 1)
            {
                Interlocked.Increment(ref woken);
            }
        }))];
        Array.ForEach(waiters, waiter => waiter.Start());
        // Both must be inside epoll_wait(2) before the event comes; nothing outside tells when they are.
        Thread.Sleep(200);

        counter.Post();

        Array.ForEach(waiters, waiter => waiter.Join());
        Assert.Equal(1, woken);
    });

    [Fact(Timeout = 5_000)]
    public Task GivenAFile_WhenAdded_ThenTheErrorNamesTheCall() => Blocking.Run(() =>
    {
        using Poller poller = Poller.Create();
        using Descriptor file = Descriptor.OpenRead("/etc/passwd");

        Assert.Equal(Errno.EPERM, Assert.Throws<ErrnoException>(() => poller.Add(file, 1)).Errno);
    });
}
