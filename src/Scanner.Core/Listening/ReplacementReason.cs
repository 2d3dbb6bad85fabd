namespace Scanner.Core.Listening;

/// <summary>Why a group, and with it every mark that lets opens pass unasked, is replaced by a new one.</summary>
internal enum ReplacementReason
{
    /// <summary>The engine has new signatures.</summary>
    NewSignatures,

    /// <summary>Somebody may write what lies below the file system.</summary>
    VersionsDistrusted,

    /// <summary>An earlier worker has set the marks, and what has happened since is not known.</summary>
    NewWorker,

    /// <summary>A mount shows other owners than the files have: others than root may be root there.</summary>
    OwnersMapped,

    /// <summary>Notices of changed owners and modes were lost.</summary>
    LostNotices,

    /// <summary>It was not watched for a time.</summary>
    WatchedAgain,
}
