using System.Diagnostics;
using System.Text.Json;
using Scanner.SystemTests.Clamd;
using Scanner.SystemTests.Fixtures;

namespace Scanner.SystemTests.Faults;

/// <summary>All decisions that a daemon has told of: each wrong answer is held against what was said of it.</summary>
/// <remarks>A process opens one file after the other, so process, file and time say which open was meant.</remarks>
internal sealed class DecisionAccount
{
    /// <summary>Milliseconds by which the clocks may be apart.</summary>
    private const double Slack = 20;

    private readonly Dictionary<(int ProcessId, string Outcome, string Path), List<(double ReadAt, string Reason)>>
        _told = [];

    private readonly Lock _lock = new();
    private readonly double _offset =
        (DateTime.UtcNow - DateTime.UnixEpoch).TotalMilliseconds - MonotonicMilliseconds;

    private long _dropped;

    public DecisionAccount(ScannerLog output) => output.LineRead += Read;

    /// <summary>The monotonic clock, as the openers have it.</summary>
    public static double MonotonicMilliseconds => Stopwatch.GetTimestamp() * 1e3 / Stopwatch.Frequency;

    /// <summary>Lines that the daemon could not print.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <summary>The reason that the daemon gave for a wrong answer; <c>null</c> if it said nothing of it.</summary>
    public string? ReasonOf(WrongAnswer answer)
    {
        string outcome = answer.WasAllowed ? "allow" : "deny";
        lock (_lock)
        {
            // A file that could not be opened again after a crash has no path.
            return Find(answer, outcome, answer.Path) ?? Find(answer, outcome, "");
        }
    }

    private string? Find(in WrongAnswer answer, string outcome, string path)
    {
        if (!_told.TryGetValue((answer.ProcessId, outcome, path), out List<(double ReadAt, string Reason)>? told))
        {
            return null;
        }

        // Another open of the same file by the same process may have been a moment before.
        (double Distance, string? Reason) nearest = (Slack, null);
        foreach ((double readAt, string reason) in told)
        {
            double distance = Math.Max(answer.Began - readAt, readAt - answer.At);
            nearest = distance <= nearest.Distance ? (distance, reason) : nearest;
        }

        return nearest.Reason;
    }

    private void Read(string line)
    {
        if (!line.StartsWith('{'))
        {
            return;
        }

        using JsonDocument document = JsonDocument.Parse(line);
        JsonElement record = document.RootElement;
        if (record.GetProperty("type").GetString() == "dropped")
        {
            Interlocked.Add(ref _dropped, record.GetProperty("count").GetInt64());
        }
        else if (Decision.From(record) is { } decision)
        {
            DateTime time = record.GetProperty("time").GetDateTime().ToUniversalTime();
            double readAt = (time - DateTime.UnixEpoch).TotalMilliseconds
                - record.GetProperty("duration_ms").GetDouble() - _offset;
            lock (_lock)
            {
                Add(decision, readAt);
            }
        }
    }

    private void Add(in Decision decision, double readAt)
    {
        (int, string, string) key = (decision.ProcessId, decision.Outcome, decision.Path ?? "");
        if (!_told.TryGetValue(key, out List<(double ReadAt, string Reason)>? told))
        {
            _told.Add(key, told = []);
        }

        told.Add((readAt, decision.Reason ?? decision.Verdict ?? "none"));
    }
}
