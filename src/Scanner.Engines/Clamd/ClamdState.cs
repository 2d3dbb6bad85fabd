using Scanner.Core.Scanning;

namespace Scanner.Engines.Clamd;

/// <summary>What is known of the clamd that was reached last; replaced as a whole.</summary>
/// <param name="Version">What it says to VERSION, for people.</param>
/// <param name="Epoch">The generation of its database.</param>
/// <param name="LargestFile">Bytes of the largest file that it looks at as a whole.</param>
/// <param name="Threads">How many files it scans at the same time.</param>
/// <param name="Sessions">How many connections it accepts besides the one that asks for its health.</param>
/// <param name="Process">The process, while the connection to it stands.</param>
internal sealed record ClamdState(
    string Version, EngineEpoch Epoch, long LargestFile, int Threads, int Sessions, EngineProcess? Process)
{
    /// <summary>Before clamd was reached for the first time: its defaults.</summary>
    public static ClamdState Unknown { get; } = new(
        "clamd, not reached yet",
        new EngineEpoch("clamd, not reached yet", IsSettled: false),
        new ClamdSettings().LargestFile,
        new ClamdSettings().MaxThreads,
        1,
        null);
}
