namespace Scanner.Benchmarks;

/// <summary>Who answers an open.</summary>
internal enum Route
{
    /// <summary>Nobody is asked.</summary>
    Plain,

    /// <summary>The allow-everything responder in C.</summary>
    Responder,

    /// <summary><c>scannerd watch</c> with the built-in engine.</summary>
    Scannerd,
}
