using Scanner.Journal;
using Scanner.Linux;
using Scanner.Linux.Fanotify;
using Scanner.Linux.Processes;

namespace Scanner.Supervisor;

/// <summary>Closes groups that nobody asks any more, on a thread of its own.</summary>
/// <remarks>
/// With a million marks the kernel takes half a second for it, and then waits for every open that another group has not
/// answered yet if it holds on to one of the marks.
/// </remarks>
internal sealed class GroupCloser : IDisposable
{
    private const int Priority = 5;

    private static readonly TimeSpan s_closingTime = TimeSpan.FromSeconds(5);

    private readonly FanotifyGroup?[] _closing = new FanotifyGroup?[EventJournal.MaxGroups];
    private readonly EventCounter _count = EventCounter.CreateSemaphore();
    private readonly Thread _thread;
    private volatile bool _isStopping;

    public GroupCloser()
    {
        _thread = new Thread(Run, maxStackSize: 256 * 1024) { Name = "closing groups", IsBackground = true };
        _thread.Start();
    }

    /// <summary>Whether the group that an index had is still open, under the number of that index.</summary>
    public bool IsClosing(int index) => Volatile.Read(ref _closing[index]) is not null;

    /// <summary>Takes over a group.</summary>
    public void Close(int index, FanotifyGroup group)
    {
        Volatile.Write(ref _closing[index], group);
        _count.Post();
    }

    /// <summary>Waits until all are closed, for a time: a server that does not answer may hold them up.</summary>
    public void Dispose()
    {
        _isStopping = true;
        _count.Post();
        if (_thread.Join(s_closingTime))
        {
            _count.Dispose();
        }
    }

    private void Run()
    {
        _ = OwnProcess.TrySetThreadPriority(Priority);
        while (true)
        {
            _count.Take();
            bool wasStopping = _isStopping;
            for (int index = 0; index < _closing.Length; index++)
            {
                if (Volatile.Read(ref _closing[index]) is { } group)
                {
                    group.Dispose();
                    Volatile.Write(ref _closing[index], null);
                }
            }

            if (wasStopping)
            {
                return;
            }
        }
    }
}
