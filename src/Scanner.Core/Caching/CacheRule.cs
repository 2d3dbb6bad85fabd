namespace Scanner.Core.Caching;

/// <summary>How verdicts on the files of a file system may be kept.</summary>
/// <param name="Trust">What a kept verdict may be found by.</param>
/// <param name="Identity">
/// Which file system it is. Where it could be changed elsewhere while it is not mounted, another one after each mount;
/// a file's own device number tells apart what is mounted at the same time.
/// </param>
/// <param name="IsFixed">
/// Whether nobody can have changed it while nobody watched, so that its verdicts may outlive this process: it lies on a
/// disk that is built in.
/// </param>
internal readonly record struct CacheRule(VersionTrust Trust, ulong Identity, bool IsFixed);
