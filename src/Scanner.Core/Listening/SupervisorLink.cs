using System.Runtime.InteropServices;
using Scanner.Journal;
using Scanner.Linux;
using Scanner.Linux.Fanotify;
using Scanner.Linux.Sockets;

namespace Scanner.Core.Listening;

/// <summary>Asks the supervisor, who keeps the groups, for what only it can do. One thread only.</summary>
internal sealed class SupervisorLink(ControlSocket socket, DescriptorPlan plan)
{
    /// <summary>Has a new group opened.</summary>
    /// <param name="key">What it is for; the next worker finds it by this.</param>
    /// <param name="isReplacement">Whether another one goes for it.</param>
    /// <returns>The index and this process's copy of the group.</returns>
    /// <exception cref="ErrnoException">No group can be opened.</exception>
    /// <exception cref="IOException">There are as many as there may be, and this was to be one more.</exception>
    public (int Index, FanotifyGroup Group) OpenGroup(ulong key, bool isReplacement)
    {
        ControlMessageKind kind = isReplacement ? ControlMessageKind.ReplaceGroup : ControlMessageKind.OpenGroup;
        (ControlMessage answer, Descriptor? passed) = Ask(new ControlMessage(kind, 0, key));
        if (answer.Kind == ControlMessageKind.Done && passed is null)
        {
            // No descriptor was left for it here, and nobody would ask for it to be closed.
            CloseGroup(answer.Group);
            throw ErrnoException.From(Errno.EMFILE, "recvmsg", "a group");
        }

        if (passed is null)
        {
            ErrnoException error = ErrnoException.From((Errno)answer.Key, "fanotify_init");
            throw error.Errno == Errno.EMFILE && !isReplacement ? NoGroupLeft(error) : error;
        }

        // Under its planned number, out of the way of event descriptors.
        passed.MoveTo(plan.Group(answer.Group));
        passed.SetHandleAsInvalid();
        return (answer.Group, FanotifyGroup.Adopt(plan.Group(answer.Group)));
    }

    /// <summary>Has a group closed that has no marks and no events left, after this process's copy is closed.</summary>
    public void CloseGroup(int index) => _ = Ask(new ControlMessage(ControlMessageKind.CloseGroup, index, 0));

    private static IOException NoGroupLeft(ErrnoException error) => new(
        $"NOT PROTECTED, no group is left for it: {GroupLimit.Setting} is {GroupLimit.Read()}, and "
            + $"{EventJournal.MaxGroups} are used at most",
        error);

    private (ControlMessage Answer, Descriptor? Passed) Ask(ControlMessage request)
    {
        Errno error = socket.Send(MemoryMarshal.AsBytes(new ReadOnlySpan<ControlMessage>(in request)));
        ControlMessage answer = default;
        ReceivedMessage received = default;
        if (error == Errno.None)
        {
            error = socket.Receive(
                MemoryMarshal.AsBytes(MemoryMarshal.CreateSpan(ref answer, 1)), out received);
        }

        return error == Errno.None
            ? (answer, received.Passed)
            : throw ErrnoException.From(error, "recvmsg", "the supervisor");
    }
}
