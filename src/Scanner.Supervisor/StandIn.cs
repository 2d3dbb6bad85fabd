using Scanner.Linux;
using Scanner.Linux.Fanotify;
using Scanner.Linux.Processes;

namespace Scanner.Supervisor;

/// <summary>Answers the events of one group while no worker does.</summary>
/// <remarks>
/// A thread for each group: read(2) opens the file, and close(2) flushes it, so a server that does not answer holds the
/// thread. It has a descriptor of its own of the group, which may outlive the supervisor's.
/// One process at a time may read a group, since the numbers of its events would clash. So a new worker gets the group
/// only when this thread has stopped; one that is held by a server cannot, and keeps the group to itself.
/// </remarks>
internal sealed class StandIn : IDisposable
{
    private const int EventToken = 1;
    private const int StopToken = 2;
    private const int Priority = -15;

    private const int Open = 0;
    private const int Ended = 1;
    private const int Retiring = 2;

    private readonly FanotifyGroup _group;
    private readonly Access _access;
    private readonly EventCounter _stop = EventCounter.CreateFlag();
    private readonly Poller _poller = Poller.Create();
    private readonly Thread _thread;
    private int _end = Open;

    /// <param name="group">Taken over.</param>
    /// <param name="access">The answer to every event.</param>
    /// <exception cref="ErrnoException">No descriptor is left; the group is not taken over.</exception>
    public StandIn(FanotifyGroup group, Access access)
    {
        _group = group;
        _access = access;
        _poller.Add(_stop, StopToken);
        _poller.Add(_group, EventToken);
        _thread = new Thread(Run, maxStackSize: 256 * 1024) { Name = "stand-in", IsBackground = true };
        _thread.Start();
    }

    /// <summary>Has the thread end after the event it is at.</summary>
    public void Stop() => _stop.Post();

    /// <summary>Waits for the end of the thread.</summary>
    /// <returns><c>false</c> if a server holds it: then it retires the group as soon as it can.</returns>
    public bool TryWait(TimeSpan limit)
    {
        return _thread.Join(limit) || Interlocked.CompareExchange(ref _end, Retiring, Open) == Ended;
    }

    /// <summary>Has the group ask no more, answer what it has asked, and end. For one that was not stopped.</summary>
    public void Retire()
    {
        _ = Interlocked.CompareExchange(ref _end, Retiring, Open);
        _stop.Post();
    }

    /// <summary>For one whose thread has ended without retiring.</summary>
    public void Dispose()
    {
        _poller.Dispose();
        _stop.Dispose();
        _group.Dispose();
    }

    private void Run()
    {
        // Without CAP_SYS_NICE it takes its turn like any other thread.
        _ = OwnProcess.TrySetThreadPriority(Priority);
        while (_poller.Wait(Timeout.Infinite) != StopToken)
        {
            _ = TryAnswerOne();
        }

        if (Interlocked.CompareExchange(ref _end, Ended, Open) == Retiring)
        {
            _group.FlushFilesystems();
            while (TryAnswerOne())
            {
                // One after the other until none is left.
            }

            Dispose();
        }
    }

    /// <returns>Whether there was an event.</returns>
    private bool TryAnswerOne()
    {
        EventMetadata metadata = default;
        Errno error = _group.TryRead(ref metadata);
        if (error == Errno.None && metadata.WantsReply)
        {
            bool isOwn = metadata.ProcessId == Environment.ProcessId;
            _ = _group.Reply(new FanotifyResponse(metadata.Descriptor, isOwn ? Access.Allow : _access));
        }

        if (error == Errno.None && metadata.Descriptor >= 0)
        {
            new EventDescriptor(metadata.Descriptor).Close();
        }

        return error != Errno.EAGAIN;
    }
}
