namespace Scanner.Core.Caching;

/// <summary>Why verdicts were dropped before their time.</summary>
internal enum ForgetReason
{
    /// <summary>Somebody closed the file after writing, or wants to write it.</summary>
    Written,

    /// <summary>An engine has new signatures.</summary>
    NewSignatures,
}
