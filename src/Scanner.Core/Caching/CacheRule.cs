namespace Scanner.Core.Caching;

/// <summary>By what a kept verdict on a file of one file system may be found, and what the file system is called then.</summary>
/// <param name="Trust">What it may be found by.</param>
/// <param name="Identity">Another one for each file system, and after each mount of one that is not fixed.</param>
/// <param name="IsFixed">
/// Whether the file system cannot have been changed elsewhere while nobody watched, so that what was kept before this
/// start may be used.
/// </param>
internal readonly record struct CacheRule(VersionTrust Trust, ulong Identity, bool IsFixed);
