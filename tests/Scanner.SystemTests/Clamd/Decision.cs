using System.Text.Json;

namespace Scanner.SystemTests.Clamd;

/// <summary>One line that the daemon printed about one open.</summary>
internal readonly record struct Decision(
    string Outcome, string? Path, int ProcessId, string? Verdict, string? Signature, string? Reason, string? Engine)
{
    public static Decision? From(JsonElement record) =>
        record.GetProperty("type").GetString() != "decision"
            ? null
            : new Decision(
                record.GetProperty("decision").GetString()!,
                record.GetProperty("path").GetString(),
                record.GetProperty("pid").GetInt32(),
                record.GetProperty("verdict").GetString(),
                record.GetProperty("signature").GetString(),
                record.GetProperty("reason").GetString(),
                record.GetProperty("engine").GetString());
}
