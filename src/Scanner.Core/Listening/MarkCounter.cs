namespace Scanner.Core.Listening;

/// <summary>What is counted of marks that let opens pass unasked.</summary>
internal enum MarkCounter
{
    /// <summary>Set, and not found wrong when everything was looked at again.</summary>
    Set,

    /// <summary>Not set: the kernel had no room.</summary>
    Failed,

    /// <summary>Cleared at once: something had changed while it was set.</summary>
    ClearedChanged,

    /// <summary>Cleared: the file was closed after writing.</summary>
    ClearedWritten,

    /// <summary>Cleared: the file has another owner, mode or number of links.</summary>
    ClearedAttributes,
}
