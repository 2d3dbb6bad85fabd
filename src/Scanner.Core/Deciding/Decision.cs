using Scanner.Core.Policy;
using Scanner.Core.Scanning;
using Scanner.Journal;
using Scanner.Linux.Fanotify;

namespace Scanner.Core.Deciding;

/// <summary>What is answered to one event, and why.</summary>
/// <param name="Access">The answer.</param>
/// <param name="Verdict">The engine's verdict, where an engine was asked.</param>
/// <param name="Reason">Why there is no verdict, where that failed.</param>
/// <param name="Answer">What the gate said.</param>
internal readonly record struct Decision(Access Access, Verdict? Verdict, FailureReason Reason, GateAnswer Answer)
{
    /// <summary>Whether it is worth a line by itself: a denial, a failure, or what would have been denied.</summary>
    public bool IsNotable =>
        Access == Access.Deny || Reason != FailureReason.None || Verdict?.Kind == VerdictKind.Infected;

    public static Decision AllowedBy(GateAnswer answer) => new(Access.Allow, null, FailureReason.None, answer);

    public static Decision Failed(in JournalHeader header, FailureReason reason) =>
        new(header.ActionFor(reason), null, reason, GateAnswer.Scan);

    public static Decision From(Verdict verdict, WatchOptions options, in JournalHeader header) => verdict.Kind switch
    {
        VerdictKind.Clean => new(Access.Allow, verdict, FailureReason.None, GateAnswer.Scan),
        VerdictKind.Infected => new(
            options.Observe ? Access.Allow : Access.Deny, verdict, FailureReason.None, GateAnswer.Scan),
        _ => NotScannable(verdict, header),
    };

    private static Decision NotScannable(Verdict verdict, in JournalHeader header)
    {
        // An engine that forgets to say why has failed.
        FailureReason reason = verdict.Reason == FailureReason.None ? FailureReason.EngineError : verdict.Reason;
        return new(header.ActionFor(reason), verdict, reason, GateAnswer.Scan);
    }
}
