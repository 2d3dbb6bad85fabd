namespace Scanner.Core.Listening;

/// <summary>How a file system behaves, as far as listening to it goes.</summary>
internal enum FilesystemKind
{
    /// <summary>Answers at once: opens and look-ups may be made on a reader thread.</summary>
    Local,

    /// <summary>A server elsewhere answers, when it likes.</summary>
    Network,

    /// <summary>A process of some user answers, when it likes.</summary>
    Fuse,

    /// <summary>Has no files, only views of the kernel: never watched.</summary>
    Pseudo,
}
