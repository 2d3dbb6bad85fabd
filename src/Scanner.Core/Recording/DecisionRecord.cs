namespace Scanner.Core.Recording;

/// <summary>One decision, for people and programs.</summary>
public sealed record DecisionRecord
{
    public required DateTimeOffset Time { get; init; }

    /// <summary>Whether the open was allowed. Writing always is.</summary>
    public required bool IsAllowed { get; init; }

    /// <summary>The path's bytes, in the opener's mount namespace; <c>null</c> where the kernel gives none.</summary>
    public required byte[]? Path { get; init; }

    /// <summary>0 if the opener lives outside this pid namespace.</summary>
    public required int ProcessId { get; init; }

    /// <summary>The opener's program; <c>null</c> if it was gone.</summary>
    public required string? Executable { get; init; }

    /// <summary><c>open</c> or <c>exec</c>; <c>write</c> for what was found after a file was written.</summary>
    public required string Operation { get; init; }

    /// <summary><c>clean</c>, <c>infected</c> or <c>not_scannable</c>; <c>null</c> where no engine was asked.</summary>
    public required string? Verdict { get; init; }

    public required string? Signature { get; init; }

    /// <summary>Why there is no verdict: a failure reason, or what made asking needless.</summary>
    public required string? Reason { get; init; }

    public required string Engine { get; init; }

    /// <summary>From the reading of the event to the decision.</summary>
    public required TimeSpan Duration { get; init; }
}
