namespace Scanner.Core.Scanning;

/// <summary>Looks at content and returns a verdict.</summary>
public interface IScanEngine
{
    /// <summary>What records and the command line call it.</summary>
    string Name { get; }

    /// <summary>The generation of the engine's signatures: a verdict belongs to the epoch it was given in.</summary>
    /// <remarks>
    /// The same object until something about it changes, so asking is cheap, and a verdict is of the epoch that was
    /// the same object, and settled, before the scan was asked for and after it was answered. Equal is not enough: an
    /// engine may have gone to another generation and back.
    /// </remarks>
    EngineEpoch Epoch { get; }

    /// <summary>
    /// Raised when <see cref="Epoch"/> is another object, after it is, on the engine's own thread: whoever listens does
    /// not wait. An engine whose epoch stays never raises it.
    /// </summary>
    event Action? EpochChanged;

    /// <summary>How many scans at the same time the engine has use for; at least one. It may change.</summary>
    /// <remarks>Whoever asks for scans keeps to it: the engine need not queue more than that.</remarks>
    int Concurrency { get; }

    /// <summary>The largest file that the engine looks at as a whole, in bytes. It may change.</summary>
    long MaxFileSize { get; }

    /// <summary>The process behind the engine; <c>null</c> where there is none, or it is not known.</summary>
    EngineProcess? Process { get; }

    /// <summary>Scans one file.</summary>
    /// <param name="target">What to look at; borrowed until the returned task completes.</param>
    /// <param name="cancellation">
    /// Ends the scan early, at the event's deadline or at shutdown, with an
    /// <see cref="OperationCanceledException"/>.
    /// </param>
    /// <returns>
    /// The verdict. What the engine cannot look at is <see cref="VerdictKind.NotScannable"/> with a reason, never an
    /// exception and never clean.
    /// </returns>
    ValueTask<Verdict> ScanAsync(ScanTarget target, CancellationToken cancellation);
}
