namespace Scanner.Journal;

/// <summary>Which process has claimed a slot and so answers its event.</summary>
public enum Claimant : byte
{
    None = 0,
    Worker = 1,
    Supervisor = 2,
}
