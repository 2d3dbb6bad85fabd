namespace Scanner.Benchmarks;

/// <summary>The files that are opened.</summary>
internal enum FileKind
{
    /// <summary>
    /// Clean files of 4 KiB below the watched directory: the engine looks at them once, and then memory answers.
    /// </summary>
    Small,

    /// <summary>Zero-length files below the watched directory: answered inline.</summary>
    Empty,

    /// <summary>Files of 4 KiB on the same file system but not below the watched directory: answered inline.</summary>
    Outside,
}
