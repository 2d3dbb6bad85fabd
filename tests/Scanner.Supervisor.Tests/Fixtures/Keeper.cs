using System.Runtime.InteropServices;
using Scanner.Journal;
using Scanner.Linux;
using Scanner.Linux.Fanotify;
using Scanner.Linux.Processes;
using Scanner.Linux.Sockets;

namespace Scanner.Supervisor.Tests.Fixtures;

/// <summary>A journal and the keeper of its groups, with this process as the worker that asks.</summary>
internal sealed class Keeper : IDisposable
{
    private readonly ControlSocket _worker;
    private readonly ControlSocket _supervisor;

    public Keeper(int slots = 16, Access failure = Access.Deny, int leases = 0, long leaseTime = long.MaxValue / 2)
    {
        Plan = DescriptorPlan.For(OwnProcess.DescriptorLimit.Soft);
        Journal = EventJournal.Create(slots);
        foreach (FailureReason reason in Enum.GetValues<FailureReason>())
        {
            Journal.Header.SetAction(reason, failure);
        }

        Journal.Header.Leases.Limit = leases;
        Journal.Header.Leases.Time = leaseTime;
        Leases = new LeaseKeeper(Journal, Plan);
        Leases.Start();
        Groups = new GroupKeeper(Journal, Plan, Leases);
        (_worker, _supervisor) = ControlSocket.CreatePair();
    }

    public DescriptorPlan Plan { get; }

    public EventJournal Journal { get; }

    public LeaseKeeper Leases { get; }

    public GroupKeeper Groups { get; }

    /// <summary>Lets the keeper serve one message, as if from the worker or from some other process.</summary>
    public (ControlMessage Answer, bool HasGroup) Ask(ReadOnlySpan<byte> message, bool isWorker = true)
    {
        Assert.Equal(Errno.None, _worker.Send(message));
        Assert.True(Groups.TryServe(_supervisor, isWorker ? Environment.ProcessId : Environment.ProcessId + 1));
        ControlMessage answer = default;
        Span<byte> bytes = MemoryMarshal.AsBytes(MemoryMarshal.CreateSpan(ref answer, 1));
        Assert.Equal(Errno.None, _worker.Receive(bytes, out ReceivedMessage received));
        received.Passed?.Dispose();
        return (answer, received.Passed is not null);
    }

    public (ControlMessage Answer, bool HasGroup) Ask(ControlMessage message, bool isWorker = true) =>
        Ask(MemoryMarshal.AsBytes(new ReadOnlySpan<ControlMessage>(in message)), isWorker);

    /// <summary>Sends what is not answered.</summary>
    /// <returns>Whether the keeper goes on listening to the worker.</returns>
    public bool Send(ReadOnlySpan<byte> message)
    {
        Assert.Equal(Errno.None, _worker.Send(message));
        return Groups.TryServe(_supervisor, Environment.ProcessId);
    }

    /// <summary>The worker's end goes, as when it dies.</summary>
    public bool Die()
    {
        _worker.Dispose();
        return Groups.TryServe(_supervisor, Environment.ProcessId);
    }

    /// <summary>Has a group opened.</summary>
    /// <returns>Its index, and the keeper's own copy.</returns>
    public (int Index, FanotifyGroup Group) OpenGroup(ulong key)
    {
        HashSet<FanotifyGroup> before = [.. Groups.Open];
        (ControlMessage answer, bool hasGroup) = Ask(new ControlMessage(ControlMessageKind.OpenGroup, 0, key));
        Assert.Equal(ControlMessageKind.Done, answer.Kind);
        Assert.True(hasGroup);
        return (answer.Group, Groups.Open.Single(group => !before.Contains(group)));
    }

    /// <summary>Brings a slot into a state, as a worker does.</summary>
    public void Bring(int index, SlotState state, int group = 0, EventMetadata? metadata = null)
    {
        ref Slot slot = ref Journal.Slot(index);
        Journal.Header.Use(index);
        if (state >= SlotState.Reading)
        {
            slot.BeginRead(group);
            slot.Event = metadata ?? default;
        }

        if (state >= SlotState.Read)
        {
            slot.CompleteRead(Clock.Now, long.MaxValue);
        }

        if (state >= SlotState.Identified)
        {
            Assert.True(slot.TryIdentify());
        }

        if (state >= SlotState.Answering)
        {
            Assert.True(slot.TryClaim(Claimant.Worker));
        }

        if (state >= SlotState.Answered)
        {
            slot.CompleteAnswer();
        }
    }

    public void Dispose()
    {
        _worker.Dispose();
        _supervisor.Dispose();
        Leases.Dispose();
        Groups.Dispose();
    }
}
