using System.Text.Json;
using Scanner.SystemTests.Fixtures;

namespace Scanner.SystemTests.Cached;

/// <summary>What the layers of a daemon have done, as its last line tells.</summary>
internal sealed class LayerCounters(JsonElement record)
{
    /// <summary>Stops a daemon and reads its last line.</summary>
    public static async Task<LayerCounters> StopAsync(ScannerProcess scanner)
    {
        Assert.Equal(0, await scanner.StopAsync());
        await scanner.Output.Completion;
        return new LayerCounters(
            Assert.Single(scanner.Output.Records, record => record.GetProperty("type").GetString() == "counters"));
    }

    public long this[string layer, string counter] => record.GetProperty(layer).GetProperty(counter).GetInt64();

    public override string ToString() => record.ToString();
}
