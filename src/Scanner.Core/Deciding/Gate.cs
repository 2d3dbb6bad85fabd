using Scanner.Core.Listening;
using Scanner.Core.Policy;
using Scanner.Journal;
using Scanner.Linux;
using Scanner.Linux.Files;

namespace Scanner.Core.Deciding;

/// <summary>Answers what needs no engine. On a reader thread it neither allocates nor blocks.</summary>
internal sealed class Gate(EventJournal journal, FaultPlan faults)
{
    /// <summary>Bytes that <see cref="Ask"/> needs to look at paths.</summary>
    public const int ScratchBytes = Coverage.ScratchBytes;

    private readonly int _ownId = Environment.ProcessId;
    private readonly int _supervisorId = journal.Header.SupervisorId;

    /// <summary>
    /// Whether the scanner itself asks. It must be answered by whoever is not waiting for it; the private mount
    /// namespace keeps such opens from asking at all, this is the second belt.
    /// </summary>
    public bool IsOwn(int processId) => processId == _ownId || processId == _supervisorId;

    /// <summary>Looks at what the file is and where it lies.</summary>
    /// <param name="file">The event's descriptor.</param>
    /// <param name="group">The group that the event came from.</param>
    /// <param name="scratch">At least <see cref="ScratchBytes"/>.</param>
    /// <param name="size">The file's size in bytes.</param>
    public GateAnswer Ask(ContentDescriptor file, WatchedGroup group, Span<byte> scratch, out long size)
    {
        StatusScope scope = group.IsLocal ? StatusScope.Cached : StatusScope.Current;
        if (file.TryGetStatus(scope, out FileStatus status) != Errno.None)
        {
            size = 0;
            return GateAnswer.Unreadable;
        }

        size = status.Size;
        if (status.Kind != FileKind.Regular)
        {
            return GateAnswer.NotRegular;
        }

        // A server may say that a file is empty and then deliver content.
        if (status.Size == 0 && group.IsLocal)
        {
            return GateAnswer.Empty;
        }

        faults.Hit(Room.Policy);
        return group.Coverage.Includes(file, status, scratch) ? GateAnswer.Scan : GateAnswer.Outside;
    }
}
