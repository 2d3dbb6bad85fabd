using Scanner.Linux;
using Scanner.Linux.Fanotify;
using Xunit;

namespace Scanner.Testing;

/// <summary>Reads and answers the events of a group, one at a time.</summary>
/// <remarks>It does not own the group: disposing the group, last, lets whoever still waits go on.</remarks>
public sealed class EventReader : IDisposable
{
    private readonly FanotifyGroup _group;
    private readonly Poller _poller = Poller.Create();

    public EventReader(FanotifyGroup group)
    {
        _group = group;
        _poller.Add(group, 1);
    }

    /// <summary>The next event; fails the test when none comes within 5 s.</summary>
    public EventMetadata Next() => TryNext(5_000) ?? throw new TimeoutException("No event came.");

    /// <summary>The next event, or <c>null</c> if none comes in time.</summary>
    public EventMetadata? TryNext(int milliseconds)
    {
        EventMetadata metadata = default;
        if (_poller.Wait(milliseconds) == 0)
        {
            return null;
        }

        Errno error = _group.TryRead(ref metadata);
        return error == Errno.None ? metadata : throw ErrnoException.From(error, "read", "fanotify group");
    }

    /// <summary>Fails the test if an event is queued.</summary>
    public void AssertSilent() => Assert.Null(TryNext(0));

    /// <summary>
    /// Answers an event, then closes its descriptor: the other order would free the number too early.
    /// </summary>
    public void Answer(EventMetadata metadata, Access access)
    {
        Errno error = _group.Reply(new FanotifyResponse(metadata.Descriptor, access));
        new EventDescriptor(metadata.Descriptor).Close();
        Assert.Equal(Errno.None, error);
    }

    public void Dispose() => _poller.Dispose();
}
