namespace Scanner.Core.Scanning;

/// <summary>What one user has waiting and running. Files that servers deliver count apart.</summary>
/// <remarks>Guarded by the queue's lock.</remarks>
internal sealed class UserShare(uint user, bool isRemote)
{
    /// <summary>Not a user's number: what nobody waits for has a share of its own.</summary>
    public const uint Nobody = uint.MaxValue - 1;

    private const int SamplesRemembered = 8;

    public uint User => user;

    public bool IsNobodys => user == Nobody;

    public bool IsRemote => isRemote;

    /// <summary>How many events may wait at present.</summary>
    public int MostWaiting { get; set; } = int.MaxValue;

    /// <summary>How long a scan takes on the average, in nanoseconds; 0 before the first one.</summary>
    public long ScanTime { get; private set; }

    /// <summary>Events that have a slot, and so a descriptor, from their admission to their end.</summary>
    public int Waiting { get; set; }

    /// <summary>
    /// Scans that the engine is at, those included that it was told to give up and has not yet ended.
    /// </summary>
    public int Running { get; set; }

    /// <summary>Learns from a scan how long they take.</summary>
    public void Learn(long nanoseconds) =>
        ScanTime = ScanTime == 0 ? nanoseconds : ScanTime + ((nanoseconds - ScanTime) / SamplesRemembered);
}
