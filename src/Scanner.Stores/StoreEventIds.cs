namespace Scanner.Stores;

/// <summary>The ids of the stores' log messages: 7000 to 7999, never reused.</summary>
internal static class StoreEventIds
{
    public const int StoreOpened = 7000;
    public const int StoreUnavailable = 7001;
    public const int StoreRebuilt = 7002;
    public const int StoreNotWritten = 7003;
    public const int StoreWrittenAgain = 7004;
    public const int StoreGivenUp = 7005;
    public const int StoreWriterFailed = 7006;
}
