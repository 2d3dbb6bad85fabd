using System.Collections.Concurrent;
using Scanner.Linux;
using Scanner.Linux.Processes;

namespace Scanner.Core.Deciding;

/// <summary>Has the answers of groups in which many wait written a moment later, more of them at once.</summary>
internal sealed class DelayedReplies : IDisposable
{
    private const int WordToken = 1;
    private const int StopToken = 2;
    private const int Priority = -10;

    /// <summary>What an answer may wait for others at most.</summary>
    private const int TickMilliseconds = 1;

    /// <summary>The ticks go on so long, so that not each answer need wake the thread.</summary>
    private const int IdleTicks = 10;

    private readonly ConcurrentQueue<ReplyQueue> _delayed = new();
    private readonly EventCounter _word = EventCounter.CreateFlag();
    private readonly EventCounter _stop = EventCounter.CreateFlag();
    private readonly Thread _thread;
    private int _isAwake;
    private volatile bool _isStopped;

    public DelayedReplies()
    {
        _thread = new Thread(Run) { Name = "replies", IsBackground = true };
        _thread.Start();
    }

    /// <summary>Promises to have a group's answers written within a tick, or, at the end, has them written now.</summary>
    public void Add(ReplyQueue replies)
    {
        _delayed.Enqueue(replies);
        if (_isStopped)
        {
            WriteAll();
        }
        else if (Interlocked.Exchange(ref _isAwake, 1) == 0)
        {
            _word.Post();
        }
    }

    public void Dispose()
    {
        if (_isStopped)
        {
            return;
        }

        _isStopped = true;
        _stop.Post();
        _thread.Join();
        WriteAll();
        _word.Dispose();
        _stop.Dispose();
    }

    private void Run()
    {
        // Many wait for it. Without CAP_SYS_NICE it takes its turn like any other.
        _ = OwnProcess.TrySetThreadPriority(Priority);
        using Poller poller = Poller.Create();
        poller.AddOnce(_word, WordToken);
        poller.Add(_stop, StopToken);
        int idle = IdleTicks;
        int token;
        do
        {
            if (idle >= IdleTicks)
            {
                // With a full fence before the last look: whoever adds from here on posts.
                Interlocked.Exchange(ref _isAwake, 0);
            }

            token = poller.Wait(idle < IdleTicks || !_delayed.IsEmpty ? TickMilliseconds : Timeout.Infinite);
            idle = WriteAll() ? 0 : Math.Min(idle + 1, IdleTicks);
        }
        while (token != StopToken);
    }

    /// <returns>Whether there was anything to write.</returns>
    private bool WriteAll()
    {
        bool any = false;
        while (_delayed.TryDequeue(out ReplyQueue? replies))
        {
            replies.WriteDelayed();
            any = true;
        }

        return any;
    }
}
