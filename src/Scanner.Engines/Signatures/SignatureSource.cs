namespace Scanner.Engines.Signatures;

/// <summary>Where signature lists come from.</summary>
/// <param name="Directory">The directory; see <see cref="SignatureEngine.Load"/>.</param>
/// <param name="MayBeMissing">Whether it may be made later; if not, its absence at the start is an error.</param>
public sealed record SignatureSource(string Directory, bool MayBeMissing = false);
