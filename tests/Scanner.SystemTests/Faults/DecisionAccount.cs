using System.Text.Json;
using Scanner.SystemTests.Clamd;
using Scanner.SystemTests.Fixtures;

namespace Scanner.SystemTests.Faults;

/// <summary>All decisions that a daemon has told of: each wrong answer is held against what was said of it.</summary>
internal sealed class DecisionAccount
{
    private readonly Dictionary<(int ProcessId, string Outcome, string Path), List<string>> _reasons = [];
    private readonly Lock _lock = new();
    private long _dropped;

    public DecisionAccount(ScannerLog output) => output.LineRead += Read;

    /// <summary>Lines that the daemon could not print.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <summary>
    /// The reason that the daemon gave for a wrong answer, which then is none for another answer; <c>null</c> if it
    /// said nothing of it.
    /// </summary>
    public string? TakeReason(WrongAnswer answer)
    {
        string outcome = answer.WasAllowed ? "allow" : "deny";
        lock (_lock)
        {
            // A file that could not be opened again after a crash has no path.
            return Take((answer.ProcessId, outcome, answer.Path)) ?? Take((answer.ProcessId, outcome, ""));
        }
    }

    private string? Take((int ProcessId, string Outcome, string Path) key)
    {
        if (!_reasons.TryGetValue(key, out List<string>? reasons) || reasons.Count == 0)
        {
            return null;
        }

        // A verdict is the reason for a right answer, as a rule.
        int index = Math.Max(0, reasons.FindIndex(reason => reason != "infected"));
        string taken = reasons[index];
        reasons.RemoveAt(index);
        return taken;
    }

    private void Read(string line)
    {
        if (!line.StartsWith('{'))
        {
            return;
        }

        using JsonDocument document = JsonDocument.Parse(line);
        if (document.RootElement.GetProperty("type").GetString() == "dropped")
        {
            Interlocked.Add(ref _dropped, document.RootElement.GetProperty("count").GetInt64());
        }
        else if (Decision.From(document.RootElement) is { } decision)
        {
            lock (_lock)
            {
                Add(decision);
            }
        }
    }

    private void Add(in Decision decision)
    {
        (int, string, string) key = (decision.ProcessId, decision.Outcome, decision.Path ?? "");
        if (!_reasons.TryGetValue(key, out List<string>? reasons))
        {
            _reasons.Add(key, reasons = []);
        }

        reasons.Add(decision.Reason ?? decision.Verdict ?? "none");
    }
}
