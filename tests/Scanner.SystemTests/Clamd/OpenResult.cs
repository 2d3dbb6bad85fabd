using Scanner.SystemTests.Openers;

namespace Scanner.SystemTests.Clamd;

/// <summary>One open: what its opener saw, and what the daemon printed about it.</summary>
internal readonly record struct OpenResult(OpenerResult Opener, Decision Decision)
{
    public bool WasAllowed => Opener.Line.StartsWith("ok ", StringComparison.Ordinal);

    public bool WasDenied => Opener.Line == OpenerResult.Denied;

    public TimeSpan Elapsed => Opener.Elapsed;
}
