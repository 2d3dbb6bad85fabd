using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Scanner.Core.Caching;
using Scanner.Core.Listening;
using Scanner.Core.Scanning;
using Scanner.Journal;

namespace Scanner.Core.Recording;

/// <summary>Says what every layer has done since the worker started.</summary>
internal sealed class CounterReport(
    KnownVerdicts verdicts,
    KnownContents contents,
    AfterWrite written,
    WriteShortcut shortcut,
    LeaseOffers leases,
    EventJournal journal,
    ListeningCounters listening,
    KernelMarks marks,
    Replacements replacements)
{
    /// <summary>One line: an object of layers, each an object of its counters.</summary>
    public byte[] AsJson()
    {
        JsonObject record = new() { ["type"] = "counters" };
        foreach ((string layer, IReadOnlyList<(string Name, long Value)> counters) in Layers())
        {
            record[layer] = new JsonObject(
                counters.Select(counter => KeyValuePair.Create(counter.Name, (JsonNode?)counter.Value)));
        }

        return Encoding.UTF8.GetBytes(record.ToJsonString() + "\n");
    }

    /// <summary>A line for each layer.</summary>
    public byte[] AsText()
    {
        StringBuilder text = new();
        foreach ((string layer, IReadOnlyList<(string Name, long Value)> counters) in Layers())
        {
            IEnumerable<string> values = counters.Select(
                counter => string.Create(CultureInfo.InvariantCulture, $"{counter.Name} {counter.Value}"));
            text.Append(layer).Append(": ").AppendJoin(", ", values).Append('\n');
        }

        return Encoding.UTF8.GetBytes(text.ToString());
    }

    private IEnumerable<(string Layer, IReadOnlyList<(string Name, long Value)> Counters)> Layers()
    {
        TableCounters memory = verdicts.Counters;
        yield return ("memory",
        [
            ("kept", verdicts.Count),
            .. Enum.GetValues<TableCounter>().Select(counter => (NameOf(counter), memory[counter])),
            .. Enum.GetValues<ForgetReason>().Select(reason => ("forgotten_" + NameOf(reason), memory[reason])),
        ]);
        VerdictStoreCounters store = verdicts.StoreCounters;
        yield return ("store",
        [
            ("hit", store.Hits), ("miss", store.Misses), ("version_changed", store.RefusedVersion),
            ("other_epoch", store.RefusedEpoch), ("kept", store.Kept), ("dropped", store.Dropped),
            ("evicted", store.Evicted), ("outdated", store.Outdated), ("write_errors", store.WriteErrors),
        ]);
        yield return ("contents", [("hit", contents.Hits), ("miss", contents.Misses), ("uncopied", contents.Uncopied)]);
        yield return ("after_write", [("scanned", written.Scanned), ("dropped", written.Dropped)]);
        LeaseStatus kept = journal.Header.Leases;
        yield return ("leases",
        [
            ("offered", leases.Sent), ("unsent", leases.Unsent), ("kept", kept.Kept), ("room", kept.Room),
            .. Enum.GetValues<LeaseCounter>().Select(counter => (NameOf(counter), kept[counter])),
        ]);
        yield return ("write_shortcut",
            [("taken", shortcut.Taken), ("refused", shortcut.Refused)]);
        yield return ("listening",
        [
            ("queue_full", listening.QueueFull), ("unreadable", listening.Unreadable), ("failed", listening.Failed),
            ("not_in_order", listening.NotInOrder),
        ]);
        yield return ("marks", [.. Enum.GetValues<MarkCounter>().Select(counter => (NameOf(counter), marks[counter]))]);
        yield return ("replacements",
            [.. Enum.GetValues<ReplacementReason>().Select(reason => (NameOf(reason), replacements[reason]))]);
    }

    private static string NameOf<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());
}
