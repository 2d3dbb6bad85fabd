namespace Scanner.Core.Policy;

/// <summary>What failure means by default.</summary>
public enum Profile
{
    /// <summary>An open that cannot be decided is allowed: the machine goes on.</summary>
    Available,

    /// <summary>An open that cannot be decided is denied: nothing unscanned is opened.</summary>
    Strict,
}
