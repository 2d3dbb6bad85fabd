namespace Scanner.Core;

/// <summary>The ids of log messages: 1000 for each room, never reused.</summary>
internal static class EventIds
{
    public const int MountsChanged = 1000;
    public const int MountFailed = 1001;
    public const int EventsRecovered = 1004;
    public const int QueueFull = 1005;
    public const int UnreadableEvents = 1006;
    public const int Unmounted = 1008;
    public const int LookFailed = 1009;
    public const int GroupReplaced = 1010;

    public const int SignatureSkipped = 3000;
    public const int SignaturesLoaded = 3001;

    public const int DecisionFailed = 4000;
    public const int KeepFailed = 4001;
    public const int DelayingSleep = 4002;
    public const int NotDelayingSleep = 4003;
    public const int AboutToSleep = 4004;

    public const int RecordFailed = 5000;
}
