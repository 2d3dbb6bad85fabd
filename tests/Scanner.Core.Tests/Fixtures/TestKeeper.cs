using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Scanner.Journal;
using Scanner.Linux;
using Scanner.Linux.Fanotify;
using Scanner.Linux.Sockets;
using Scanner.Testing;

namespace Scanner.Core.Tests.Fixtures;

/// <summary>The supervisor's part of groups: opens and keeps them, in the same process.</summary>
internal sealed class TestKeeper : IDisposable
{
    private readonly EventJournal _journal;
    private readonly ControlSocket _supervisor;
    private readonly Thread _thread;
    private readonly ConcurrentDictionary<int, FanotifyGroup> _groups = new();

    public TestKeeper(EventJournal journal)
    {
        _journal = journal;
        (Worker, _supervisor) = ControlSocket.CreatePair();
        _thread = new Thread(Run) { IsBackground = true };
        _thread.Start();
    }

    /// <summary>The worker's end.</summary>
    public ControlSocket Worker { get; }

    /// <summary>Whether nobody gets another group.</summary>
    public bool IsRefusing { get; set; }

    /// <summary>The indexes of the groups that are open.</summary>
    public IReadOnlyList<int> Open => [.. _groups.Keys.Order()];

    /// <summary>The kernel's time to close a group, for the last one that was closed.</summary>
    public TimeSpan LastClosing { get; private set; }

    /// <summary>Puts copies of all groups where a new worker finds them.</summary>
    public void HandOver(DescriptorPlan plan)
    {
        (ControlSocket from, ControlSocket to) = ControlSocket.CreatePair();
        using (from)
        using (to)
        {
            byte[] word = [0];
            foreach ((int index, FanotifyGroup group) in _groups)
            {
                Assert.Equal(Errno.None, from.Send(word, group));
                Assert.Equal(Errno.None, to.Receive(word, out ReceivedMessage received));
                received.Passed!.MoveTo(plan.Group(index));
                received.Passed.SetHandleAsInvalid();
            }
        }
    }

    /// <summary>To be called when no worker is left.</summary>
    public void Dispose()
    {
        Worker.Dispose();
        _thread.Join();
        _supervisor.Dispose();
        foreach (FanotifyGroup group in _groups.Values)
        {
            group.Dispose();
        }
    }

    private void Run()
    {
        ControlMessage request = default;
        Span<byte> bytes = MemoryMarshal.AsBytes(MemoryMarshal.CreateSpan(ref request, 1));
        while (_supervisor.Receive(bytes, out ReceivedMessage received) == Errno.None && received.Length == bytes.Length)
        {
            FanotifyGroup? passed = null;
            ControlMessage answer = request.Kind == ControlMessageKind.CloseGroup
                ? Close(request.Group)
                : TryOpen(request.Key, out passed);
            _supervisor.Send(MemoryMarshal.AsBytes(new ReadOnlySpan<ControlMessage>(in answer)), passed);
        }
    }

    private ControlMessage TryOpen(ulong key, out FanotifyGroup? group)
    {
        group = null;
        if (IsRefusing)
        {
            return new ControlMessage(ControlMessageKind.Refused, 0, (ulong)Errno.EMFILE);
        }

        int index = Enumerable.Range(0, EventJournal.MaxGroups).First(free => !_groups.ContainsKey(free));
        group = _groups[index] = FanotifyGroup.Open();
        _journal.Group(index).Open(key);
        return new ControlMessage(ControlMessageKind.Done, index, key);
    }

    /// <summary>As the supervisor, off the thread that answers.</summary>
    private ControlMessage Close(int index)
    {
        _journal.Group(index).Close();
        _ = Blocking.Run(() =>
        {
            long began = Clock.Now;
            _groups[index].Dispose();
            LastClosing = TimeSpan.FromMilliseconds((Clock.Now - began) / Clock.NanosecondsPerMillisecond);
            _groups.TryRemove(index, out _);
        });
        return new ControlMessage(ControlMessageKind.Done, index, 0);
    }
}
