using Scanner.Linux;

namespace Scanner.Core.Policy;

/// <summary>
/// A mount of the host's own namespace, whose path may say that a file lies outside of what is watched.
/// </summary>
/// <param name="Id">The mount's id as statx(2) gives it.</param>
/// <param name="Root">The directory inside the file system that it shows.</param>
/// <param name="MountPoint">Where it is mounted.</param>
/// <param name="Trees">The directories inside its file system that are decided on.</param>
public sealed record TrustedMount(ulong Id, BytePath Root, BytePath MountPoint, IReadOnlyList<BytePath> Trees);
