using Scanner.Core.Listening;
using Scanner.Core.Scanning;
using Scanner.Linux;
using Scanner.Linux.Files;

namespace Scanner.Core.Deciding;

/// <summary>What this process knows of the event in one slot, beside what the journal holds of it.</summary>
/// <remarks>One object a slot, made beforehand, so that a reader allocates nothing.</remarks>
internal sealed class WaitingEvent(int index)
{
    /// <summary>The slot.</summary>
    public int Index { get; } = index;

    /// <summary>The group that the event came from.</summary>
    public WatchedGroup Group { get; private set; } = null!;

    /// <summary>Whether a worker that has died read it: then the event's descriptor is only its number.</summary>
    public bool IsRecovered { get; private set; }

    /// <summary>What the gate saw; <c>null</c> before it was asked.</summary>
    public FileStatus? Status { get; set; }

    /// <summary>Whether the file may lie outside of what is watched; see <see cref="GateAnswer.ScanUnsure"/>.</summary>
    public bool IsUnsure { get; set; }

    /// <summary>Whose share it counts against, once the scheduler has it.</summary>
    public UserShare? Share { get; set; }

    /// <summary>The file of a recovered event, opened again; owned.</summary>
    public Descriptor? Reopened { get; set; }

    /// <summary>What a reader threw at it; <c>null</c> as a rule.</summary>
    public Exception? Fault { get; set; }

    /// <summary>What is printed once the answer is written.</summary>
    public byte[]? Line { get; set; }

    public void Begin(WatchedGroup group, FileStatus? status, bool isRecovered)
    {
        Group = group;
        Status = status;
        IsUnsure = false;
        IsRecovered = isRecovered;
        Fault = null;
        Share = null;
        Line = null;
    }

    /// <summary>Closes what this process opened for the event.</summary>
    public void End()
    {
        Reopened?.Dispose();
        Reopened = null;
        Fault = null;
        Line = null;
    }
}
