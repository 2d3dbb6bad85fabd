namespace Scanner.Core.Scanning;

/// <summary>What one user has waiting and running. Files that servers deliver count apart.</summary>
/// <remarks>Guarded by the queue's lock.</remarks>
internal sealed class UserShare(uint user, bool isRemote)
{
    public uint User => user;

    public bool IsRemote => isRemote;

    /// <summary>Events that have a slot, and so a descriptor, from their admission to their end.</summary>
    public int Waiting { get; set; }

    /// <summary>Scans that the engine is at, those included that it was told to give up and has not yet ended.</summary>
    public int Running { get; set; }
}
