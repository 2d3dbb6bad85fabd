namespace Scanner.Engines.Clamd;

/// <summary>Why there is no reply.</summary>
internal enum Breakdown
{
    None = 0,

    /// <summary>clamd could not be reached, or the circuit is open.</summary>
    NotConnected,

    /// <summary>clamd is there, but the connection ended before the reply, or even before the request.</summary>
    Closed,

    /// <summary>Something came that is no reply, or a reply that nobody waits for.</summary>
    Nonsense,
}
