namespace Scanner.Linux.Fanotify;

/// <summary>The answer to a permission event (FAN_ALLOW, FAN_DENY). A denied open fails with EPERM.</summary>
public enum Access : uint
{
    None = 0,
    Allow = 1,
    Deny = 2,
}
