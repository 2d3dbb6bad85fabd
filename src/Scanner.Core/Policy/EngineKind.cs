namespace Scanner.Core.Policy;

/// <summary>The engines that a configuration can name.</summary>
public enum EngineKind
{
    /// <summary>Built in: the EICAR test file and hash lists.</summary>
    Signatures,

    /// <summary>ClamAV's daemon.</summary>
    Clamd,
}
