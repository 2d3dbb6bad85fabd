using System.Text.Json;
using System.Text.Json.Serialization;

namespace Scanner.Benchmarks.Reporting;

/// <summary>The report for programs, with every sample.</summary>
internal static class JsonReport
{
    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
        WriteIndented = true,
    };

    public static async Task WriteAsync<T>(T report, string path, CancellationToken cancellation)
    {
        await using FileStream file = File.Create(path);
        await JsonSerializer.SerializeAsync(file, report, Options, cancellation);
    }
}
