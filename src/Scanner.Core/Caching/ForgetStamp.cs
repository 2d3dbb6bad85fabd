namespace Scanner.Core.Caching;

/// <summary>The state of a file before its scan began: whether it was forgotten since can be told from it.</summary>
internal readonly record struct ForgetStamp(long Forgets);
