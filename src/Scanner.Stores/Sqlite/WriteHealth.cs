using Microsoft.Extensions.Logging;

namespace Scanner.Stores.Sqlite;

/// <summary>Says that the store cannot be written, and that it can again; at most once a minute.</summary>
/// <remarks>On a disk that is nearly full small batches go through and large ones do not, in turn.</remarks>
internal sealed partial class WriteHealth(ILogger logger, TimeProvider time)
{
    private static readonly TimeSpan s_pause = TimeSpan.FromMinutes(1);

    private long? _saidAt;
    private bool _isSaid;

    public void Failed(string reason)
    {
        if (!_isSaid && (_saidAt is not { } earlier || time.GetElapsedTime(earlier) >= s_pause))
        {
            _saidAt = time.GetTimestamp();
            _isSaid = true;
            Log.NotWritten(logger, reason);
        }
    }

    public void Succeeded()
    {
        if (_isSaid)
        {
            _isSaid = false;
            Log.WrittenAgain(logger);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(
            StoreEventIds.StoreNotWritten,
            LogLevel.Warning,
            "The verdict store cannot be written, and new verdicts are not kept until it can: {Reason}")]
        public static partial void NotWritten(ILogger logger, string reason);

        [LoggerMessage(StoreEventIds.StoreWrittenAgain, LogLevel.Information, "The verdict store is written again")]
        public static partial void WrittenAgain(ILogger logger);
    }
}
