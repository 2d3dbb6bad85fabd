using System.Collections.Concurrent;
using Scanner.Linux;
using Scanner.Linux.Fanotify;
using Scanner.Linux.Processes;

namespace Scanner.Core.Listening;

/// <summary>A thread that hears what notice groups have to tell.</summary>
/// <remarks>Groups are added and removed by any thread. Who adds a group removes it before it is closed.</remarks>
internal sealed class NoticeThread : IDisposable
{
    private const int StopToken = 1;
    private const int Priority = -10;

    private readonly ConcurrentDictionary<int, Listener> _byToken = new();
    private readonly Poller _poller = Poller.Create();
    private readonly EventCounter _stop = EventCounter.CreateFlag();
    private readonly Thread _thread;
    private int _lastToken = StopToken;

    public NoticeThread(string name)
    {
        _poller.Add(_stop, StopToken);
        _thread = new Thread(Run) { Name = name, IsBackground = true };
        _thread.Start();
    }

    /// <summary>Begins to hear a group.</summary>
    /// <param name="group">The group; stays with the caller.</param>
    /// <param name="hear">Takes its notices, on this object's thread.</param>
    /// <exception cref="ErrnoException">It cannot be waited on.</exception>
    public void Add(NoticeGroup group, Action<NoticeGroup> hear)
    {
        int token = Interlocked.Increment(ref _lastToken);
        _byToken[token] = new Listener(group, hear);
        try
        {
            _poller.Add(group, token);
        }
        catch
        {
            _ = _byToken.TryRemove(token, out _);
            throw;
        }
    }

    /// <summary>Hears a group no more. What it tells just now may still be heard.</summary>
    public void Remove(NoticeGroup group)
    {
        foreach ((int token, Listener listener) in _byToken)
        {
            if (listener.Group == group && _byToken.TryRemove(token, out _))
            {
                _poller.Remove(group);
            }
        }
    }

    public void Dispose()
    {
        _stop.Post();
        _thread.Join();
        _poller.Dispose();
        _stop.Dispose();
    }

    private void Run()
    {
        // What is heard late is believed too long. Without CAP_SYS_NICE it takes its turn like any other.
        _ = OwnProcess.TrySetThreadPriority(Priority);
        while (true)
        {
            int token = _poller.Wait(Timeout.Infinite);
            if (token == StopToken)
            {
                return;
            }

            if (_byToken.TryGetValue(token, out Listener listener))
            {
                Hear(listener);
            }
        }
    }

    private static void Hear(Listener listener)
    {
        try
        {
            listener.Hear(listener.Group);
        }
        catch (ObjectDisposedException)
        {
            // Closed at this moment, by another thread.
        }
    }

    private readonly record struct Listener(NoticeGroup Group, Action<NoticeGroup> Hear);
}
