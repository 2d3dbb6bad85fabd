using Scanner.Core.Caching;
using Scanner.Core.Listening;
using Scanner.Core.Policy;
using Scanner.Core.Scanning;
using Scanner.Journal;
using Scanner.Linux;
using Scanner.Linux.Files;

namespace Scanner.Core.Deciding;

/// <summary>Answers what needs no engine. On a reader thread it neither allocates nor blocks.</summary>
internal sealed class Gate(
    EventJournal journal, IScanEngine engine, KnownVerdicts verdicts, FaultPlan faults, TimeProvider time)
{
    /// <summary>Bytes that <see cref="Ask"/> needs to look at paths.</summary>
    public const int ScratchBytes = Coverage.ScratchBytes;

    private const long JustNowNanoseconds = 3_000_000_000;

    private readonly int _ownId = Environment.ProcessId;
    private readonly int _supervisorId = journal.Header.SupervisorId;

    /// <summary>
    /// Whether the scanner itself asks. It must be answered by whoever is not waiting for it; the private mount
    /// namespace keeps such opens from asking at all, this is the second belt.
    /// </summary>
    public bool IsOwn(int processId) => processId == _ownId || processId == _supervisorId;

    /// <summary>Whether it is worth asking <see cref="IsOfEngine"/>.</summary>
    public bool MayBeOfEngine(int processId) => engine.Process?.Process.Id == processId;

    /// <summary>
    /// Whether the engine itself asks, for a file of its own: it would wait for itself. Only for a process recognised
    /// by its answers, and only below its own directories, reached through a mount of the host.
    /// </summary>
    public bool IsOfEngine(int processId, ContentDescriptor file, WatchedGroup group, Span<byte> scratch)
    {
        if (engine.Process is not { } known || known.Process.Id != processId || !known.Process.IsAlive
            || file.TryGetStatus(StatusScope.Cached, out FileStatus status) != Errno.None)
        {
            return false;
        }

        ReadOnlySpan<byte> path = group.Coverage.HostPathOf(file, status, scratch);
        foreach (BytePath directory in known.Directories)
        {
            if (path.Length > 0 && BytePath.IsWithin(path, directory.Bytes))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Looks at what the file is and where it lies.</summary>
    /// <param name="file">The event's descriptor.</param>
    /// <param name="group">The group that the event came from.</param>
    /// <param name="scratch">At least <see cref="ScratchBytes"/>.</param>
    /// <param name="status">What the kernel says of the file.</param>
    public GateAnswer Ask(ContentDescriptor file, WatchedGroup group, Span<byte> scratch, out FileStatus status)
    {
        StatusScope scope = group.IsLocal ? StatusScope.Cached : StatusScope.Current;

        // Taken before the look at the version, so that nobody can write between that look and the answer, with which
        // it goes: the descriptor is closed. An event that must wait gives it back, or a writer would wait with it.
        CacheRule rule = group.Cache;
        bool mayBeKnown = rule.Trust == VersionTrust.Version && !verdicts.IsEmpty;
        bool hasLease = mayBeKnown && ReadLease.TryTake(file) == Errno.None;
        if (file.TryGetStatus(scope, out status) != Errno.None)
        {
            return GateAnswer.Unreadable;
        }

        if (status.Kind != FileKind.Regular)
        {
            return GateAnswer.NotRegular;
        }

        // A server may say that a file is empty and then deliver content.
        if (status.Size == 0 && group.IsLocal)
        {
            return GateAnswer.Empty;
        }

        if (hasLease)
        {
            rule = group.CacheOf(status);
            if (rule.Trust == VersionTrust.Version && verdicts.IsClean(FileVersion.Of(rule.Identity, status)))
            {
                return GateAnswer.Known;
            }

            _ = ReadLease.Release(file);
        }
        else if (mayBeKnown)
        {
            verdicts.CountWriter();
        }

        faults.Hit(Room.Policy);
        if (group.Coverage.Includes(file, status, scratch))
        {
            return GateAnswer.Scan;
        }

        // Between the opener's look-up and ours somebody may have renamed the file, or a directory above it, out of
        // what is watched. The path was read first: a renaming that it shows is known by now, or shows in the file's
        // own change time, which nobody can set.
        return group.MayHaveRenamed || HasJustChanged(status) ? GateAnswer.ScanUnsure : GateAnswer.Outside;
    }

    private bool HasJustChanged(in FileStatus status) =>
        status.ChangedAt > Clock.OfFiles(time.GetUtcNow()) - JustNowNanoseconds;
}
