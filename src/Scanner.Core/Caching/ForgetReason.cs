namespace Scanner.Core.Caching;

/// <summary>Why verdicts were dropped before their time.</summary>
internal enum ForgetReason
{
    /// <summary>Somebody closed the file after writing, or wants to write it.</summary>
    Written,

    /// <summary>The file system is gone, or can no longer be followed.</summary>
    FilesystemGone,

    /// <summary>An engine has new signatures.</summary>
    NewSignatures,

    /// <summary>The administrator wants it.</summary>
    Asked,
}
