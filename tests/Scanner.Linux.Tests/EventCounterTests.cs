using Scanner.Testing;

namespace Scanner.Linux.Tests;

public sealed class EventCounterTests
{
    [Fact(Timeout = 5_000)]
    public Task GivenASemaphore_WhenTwoArePosted_ThenTwoAreTaken() => Blocking.Run(() =>
    {
        using EventCounter counter = EventCounter.CreateSemaphore();
        using Poller poller = Poller.Create();
        poller.Add(counter, 7);
        Assert.Equal(0, poller.Wait(0));

        counter.Post(2);
        counter.Take();
        Assert.Equal(7, poller.Wait(0));
        counter.Take();

        Assert.Equal(0, poller.Wait(0));
    });

    [Fact(Timeout = 5_000)]
    public Task GivenAWaitingThread_WhenPosted_ThenItGoesOn() => Blocking.Run(() =>
    {
        using EventCounter counter = EventCounter.CreateSemaphore();
        using ManualResetEventSlim taken = new();
        Thread waiter = new(() =>
        {
            counter.Take();
            taken.Set();
        });
        waiter.Start();
        Assert.False(taken.Wait(50));

        counter.Post();

        Assert.True(taken.Wait(2_000));
        waiter.Join();
    });

    [Fact(Timeout = 5_000)]
    public Task GivenAFlag_WhenPosted_ThenEveryPollerKeepsSeeingIt() => Blocking.Run(() =>
    {
        using EventCounter flag = EventCounter.CreateFlag();
        using Poller first = Poller.Create();
        using Poller second = Poller.Create();
        first.Add(flag, 1);
        second.Add(flag, 2);

        flag.Post();

        Assert.Equal((1, 1, 2), (first.Wait(0), first.Wait(0), second.Wait(0)));
    });
}
