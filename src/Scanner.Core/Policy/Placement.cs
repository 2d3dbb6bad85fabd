namespace Scanner.Core.Policy;

/// <summary>Where an opened file lies, as far as its path can tell.</summary>
public enum Placement
{
    /// <summary>In a watched directory, or nobody can say that it does not.</summary>
    Inside,

    /// <summary>Not in a watched directory.</summary>
    Outside,

    /// <summary>Not in a watched directory now; when it was opened it may have been.</summary>
    Unsure,
}
