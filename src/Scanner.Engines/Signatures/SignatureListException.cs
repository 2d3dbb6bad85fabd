namespace Scanner.Engines.Signatures;

/// <summary>A signature list, or the directory of lists, that cannot be loaded.</summary>
/// <remarks>Going on without it would call files clean that the list knows.</remarks>
public sealed class SignatureListException(string path, string reason, Exception? inner = null)
    : IOException($"{path}: {reason}", inner)
{
    /// <summary>The list or the directory.</summary>
    public string Path { get; } = path;
}
