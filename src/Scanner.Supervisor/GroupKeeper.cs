using System.Runtime.InteropServices;
using Scanner.Journal;
using Scanner.Linux;
using Scanner.Linux.Fanotify;
using Scanner.Linux.Sockets;

namespace Scanner.Supervisor;

/// <summary>Opens and keeps every fanotify group, so that the death of a worker closes none.</summary>
/// <remarks>
/// The array is changed by the main thread only. The clock's thread reads it to answer an event it has claimed; the
/// worker asks for a group to be closed when no event of it is left, so no claimed event's group is ever closed.
/// One group more than asked for is open, and an index free for it: marks that may be wrong go by replacing their group,
/// and that must not fail because another process, or another file system, has taken the last one.
/// </remarks>
internal sealed class GroupKeeper(EventJournal journal, DescriptorPlan plan, LeaseKeeper leases) : IDisposable
{
    /// <summary>Free indexes that only a replacement may leave less of.</summary>
    private const int Reserve = 1;

    /// <summary>So many may be open after a hand-over that comes while groups are still leaving.</summary>
    private const int MostAfterHandover = EventJournal.MaxGroups * 3 / 4;

    private readonly FanotifyGroup?[] _groups = Adopt(journal, plan, leases);
    private readonly GroupCloser _closer = new();
    private FanotifyGroup? _spare;

    /// <summary>The groups that a new worker gets.</summary>
    public IEnumerable<FanotifyGroup> Open => _groups.OfType<FanotifyGroup>();

    /// <summary>The indexes of the groups that are open.</summary>
    public IReadOnlyList<int> OpenIndexes =>
        [.. Enumerable.Range(0, _groups.Length).Where(index => _groups[index] is not null)];

    /// <summary>What each open group was opened for, and its number.</summary>
    public IReadOnlyList<(ulong Key, int Number)> Numbers =>
        [.. OpenIndexes.Select(index => (journal.Group(index).Key, plan.Group(index)))];

    /// <summary>
    /// Whether groups are still being closed: execve(2) would wait for that, and nobody would read the others meanwhile.
    /// </summary>
    public bool IsClosing => Enumerable.Range(0, _groups.Length).Any(_closer.IsClosing);

    /// <summary>Another descriptor of a group that is open.</summary>
    /// <exception cref="ErrnoException">No descriptor is left.</exception>
    public FanotifyGroup Duplicate(int index) => _groups[index]!.Duplicate();

    /// <summary>Has a group ask about all files again, those included that pass unasked.</summary>
    public void FlushInodes(int index) => _groups[index]!.FlushInodes();

    /// <summary>Answers events of one group; events of a group that is gone need no answer.</summary>
    public void Reply(int group, ReadOnlySpan<FanotifyResponse> responses) =>
        Volatile.Read(ref _groups[group])?.Reply(responses);

    /// <summary>Does what one message of the worker asks for.</summary>
    /// <returns><c>false</c> when the worker's end of the socket is closed.</returns>
    public bool TryServe(ControlSocket socket, int workerId)
    {
        ControlMessage request = default;
        Span<byte> bytes = MemoryMarshal.AsBytes(MemoryMarshal.CreateSpan(ref request, 1));
        if (socket.Receive(bytes, out ReceivedMessage received) != Errno.None)
        {
            return false;
        }

        received.Passed?.Dispose();
        bool isKnown = received.Length == bytes.Length && received.SenderProcessId == workerId;
        ControlMessage answer = isKnown ? Serve(request) : new ControlMessage(ControlMessageKind.Refused, 0, 0);
        bool isOpened = answer.Kind == ControlMessageKind.Done && request.Kind != ControlMessageKind.CloseGroup;
        Descriptor? passed = isOpened ? _groups[answer.Group] : null;
        return socket.Send(MemoryMarshal.AsBytes(new ReadOnlySpan<ControlMessage>(in answer)), passed) == Errno.None;
    }

    /// <summary>Closes this process's descriptor of a group.</summary>
    public ControlMessage CloseGroup(int index)
    {
        if ((uint)index >= (uint)_groups.Length || _groups[index] is not { } group)
        {
            return new ControlMessage(ControlMessageKind.Refused, index, (ulong)Errno.EBADF);
        }

        // First: no mark may be set or cleared under a number that is closed, or another group's.
        leases.Forget(index);
        journal.Group(index).Close();
        Volatile.Write(ref _groups[index], null);
        _closer.Close(index, group);
        return new ControlMessage(ControlMessageKind.Done, index, 0);
    }

    /// <summary>
    /// Whether groups that others have taken the place of are still there, as they are for some seconds after each
    /// start of a worker, and so many that one more, which replaces all others, would leave too few for file systems
    /// to come.
    /// </summary>
    public bool IsCrowded
    {
        get
        {
            int different = OpenIndexes.Select(index => journal.Group(index).Key).Distinct().Count();
            return OpenIndexes.Count > different && OpenIndexes.Count + different > MostAfterHandover;
        }
    }

    public void Dispose()
    {
        foreach (FanotifyGroup group in Open)
        {
            group.Dispose();
        }

        _spare?.Dispose();
        _closer.Dispose();
    }

    /// <summary>The groups that this process had before it became this program.</summary>
    private static FanotifyGroup?[] Adopt(EventJournal journal, DescriptorPlan plan, LeaseKeeper leases)
    {
        FanotifyGroup?[] groups = new FanotifyGroup?[EventJournal.MaxGroups];
        for (int index = 0; index < groups.Length; index++)
        {
            if (journal.Group(index).IsOpen)
            {
                FanotifyGroup group = FanotifyGroup.Adopt(plan.Group(index));
                leases.Add(index, group);
                groups[index] = group;
            }
        }

        return groups;
    }

    private ControlMessage Serve(ControlMessage request) => request.Kind switch
    {
        ControlMessageKind.OpenGroup => OpenGroup(request.Key, isReplacement: false),
        ControlMessageKind.ReplaceGroup => OpenGroup(request.Key, isReplacement: true),
        ControlMessageKind.CloseGroup => CloseGroup(request.Group),
        _ => new ControlMessage(ControlMessageKind.Refused, 0, 0),
    };

    private ControlMessage OpenGroup(ulong key, bool isReplacement)
    {
        int index = TryFindFree(isReplacement ? 0 : Reserve);
        if (index < 0)
        {
            return new ControlMessage(ControlMessageKind.Refused, 0, (ulong)Errno.EMFILE);
        }

        FanotifyGroup? group = null;
        try
        {
            _spare ??= TryOpen();
            group = isReplacement ? TryOpen() ?? TakeSpare() : FanotifyGroup.Open();
            group.MoveTo(plan.Group(index));
            Volatile.Write(ref _groups[index], group);
            journal.Group(index).Open(key);
            leases.Add(index, group);
            return new ControlMessage(ControlMessageKind.Done, index, key);
        }
        catch (ErrnoException error)
        {
            group?.Dispose();
            return new ControlMessage(ControlMessageKind.Refused, 0, (ulong)error.Errno);
        }
    }

    /// <returns>-1 if no more than <paramref name="left"/> are free.</returns>
    private int TryFindFree(int left)
    {
        int index = -1;
        for (int i = _groups.Length - 1; i >= 0; i--)
        {
            if (_groups[i] is null && !_closer.IsClosing(i))
            {
                index = i;
                left--;
            }
        }

        return left < 0 ? index : -1;
    }

    private FanotifyGroup TakeSpare()
    {
        FanotifyGroup group = _spare ?? FanotifyGroup.Open();
        _spare = null;
        return group;
    }

    private static FanotifyGroup? TryOpen()
    {
        try
        {
            return FanotifyGroup.Open();
        }
        catch (ErrnoException)
        {
            return null;
        }
    }
}
