using Scanner.Journal;

namespace Scanner.Core.Scanning;

/// <summary>An engine's answer about content. It says nothing about who asks: that is a decision.</summary>
public readonly record struct Verdict
{
    private Verdict(VerdictKind kind, string? signature, FailureReason reason)
    {
        Kind = kind;
        Signature = signature;
        Reason = reason;
    }

    public static Verdict Clean { get; } = new(VerdictKind.Clean, null, FailureReason.None);

    public VerdictKind Kind { get; }

    /// <summary>The signature's name; only where <see cref="Kind"/> is <see cref="VerdictKind.Infected"/>.</summary>
    public string? Signature { get; }

    /// <summary>Why not; only where <see cref="Kind"/> is <see cref="VerdictKind.NotScannable"/>.</summary>
    public FailureReason Reason { get; }

    /// <summary>
    /// The engine that stood in for the one whose epoch counts: then the verdict decides the event at hand and is not
    /// kept. <c>null</c> where none did.
    /// </summary>
    public string? StandIn { get; private init; }

    public static Verdict Infected(string signature) => new(VerdictKind.Infected, signature, FailureReason.None);

    public static Verdict NotScannable(FailureReason reason) => new(VerdictKind.NotScannable, null, reason);

    /// <summary>The same verdict, given by a stand-in.</summary>
    public Verdict By(string standIn) => this with { StandIn = standIn };
}
