namespace Scanner.Engines;

/// <summary>The ids of the engines' log messages: 6000 to 6999, never reused.</summary>
internal static class EngineEventIds
{
    public const int ClamdReached = 6000;
    public const int ClamdLost = 6001;
    public const int ClamdLimits = 6002;
    public const int ClamdLimitLower = 6003;
    public const int ClamdUnknownProcess = 6004;
    public const int ClamdNonsense = 6005;
    public const int ClamdHidesLimits = 6006;
    public const int ClamdOverdue = 6007;
    public const int ClamdHealthFailed = 6008;
    public const int ClamdReloadFailed = 6009;
    public const int SignaturesReloaded = 6010;
    public const int SignatureReloadFailed = 6011;
}
