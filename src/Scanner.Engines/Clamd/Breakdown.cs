namespace Scanner.Engines.Clamd;

/// <summary>Why there is no reply.</summary>
internal enum Breakdown
{
    None = 0,

    /// <summary>clamd did not get the request: it could not be reached, or the circuit is open.</summary>
    NotConnected,

    /// <summary>The connection ended before the reply.</summary>
    Closed,

    /// <summary>Something came that is no reply, or a reply that nobody waits for.</summary>
    Nonsense,
}
