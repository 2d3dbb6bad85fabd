namespace Scanner.Engines.Clamd;

/// <summary>The three things that clamd says of a file.</summary>
internal enum ReplyKind
{
    /// <summary>The default, so that nothing is clean by omission.</summary>
    Error = 0,
    Ok = 1,
    Found = 2,
}
