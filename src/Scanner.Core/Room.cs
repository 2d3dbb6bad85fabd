namespace Scanner.Core;

/// <summary>The rooms that an event goes through.</summary>
public enum Room
{
    Listening,
    Policy,
    Deciding,
    Scanning,
    Recording,
}
