using System.Text;
using System.Text.Json;
using Scanner.Core.Recording;

namespace Scanner.Core.Tests.Recording;

public sealed class JsonRecordFormatTests
{
    [Fact(Timeout = 5_000)]
    public Task GivenADenial_WhenFormatted_ThenEveryFieldIsThere()
    {
        JsonElement json = Format(Records.Denial);

        Assert.Equal(
            [
                "type", "time", "decision", "path", "path_b64", "pid", "exe", "operation", "verdict", "signature",
                "reason", "engine", "duration_ms",
            ],
            json.EnumerateObject().Select(property => property.Name));
        Assert.Equal("decision", json.GetProperty("type").GetString());
        Assert.Equal(Records.Denial.Time, json.GetProperty("time").GetDateTimeOffset());
        Assert.Equal("deny", json.GetProperty("decision").GetString());
        Assert.Equal("/srv/file", json.GetProperty("path").GetString());
        Assert.Equal("/srv/file"u8.ToArray(), json.GetProperty("path_b64").GetBytesFromBase64());
        Assert.Equal(123, json.GetProperty("pid").GetInt32());
        Assert.Equal("/usr/bin/cat", json.GetProperty("exe").GetString());
        Assert.Equal("open", json.GetProperty("operation").GetString());
        Assert.Equal("infected", json.GetProperty("verdict").GetString());
        Assert.Equal("Some.Name", json.GetProperty("signature").GetString());
        Assert.Equal(JsonValueKind.Null, json.GetProperty("reason").ValueKind);
        Assert.Equal("signatures", json.GetProperty("engine").GetString());
        Assert.Equal(1.234, json.GetProperty("duration_ms").GetDouble());
        return Task.CompletedTask;
    }

    [Fact(Timeout = 5_000)]
    public Task GivenAPathThatIsNotUtf8_WhenFormatted_ThenItsBytesAreThere()
    {
        byte[] every = [.. Enumerable.Range(1, 255).Select(value => (byte)value)];

        JsonElement json = Format(Records.Denial with { Path = every });

        Assert.Equal(every, json.GetProperty("path_b64").GetBytesFromBase64());
        Assert.Contains('\uFFFD', json.GetProperty("path").GetString()!);
        return Task.CompletedTask;
    }

    [Fact(Timeout = 5_000)]
    public Task GivenNoPath_WhenFormatted_ThenItIsNullAndThereAreNoBytes()
    {
        JsonElement json = Format(
            Records.Denial with { Path = null, Verdict = null, Executable = null, Signature = null });

        Assert.Equal(JsonValueKind.Null, json.GetProperty("path").ValueKind);
        Assert.False(json.TryGetProperty("path_b64", out _));
        Assert.All(
            (string[])["verdict", "exe", "signature"],
            name => Assert.Equal(JsonValueKind.Null, json.GetProperty(name).ValueKind));
        return Task.CompletedTask;
    }

    [Theory(Timeout = 5_000)]
    [InlineData("/srv/a\nb")]
    [InlineData("/srv/\"}\n{\"type\":\"ready\"}")]
    [InlineData("/srv/\u2028\u0001")]
    public Task GivenANameThatWouldBreakALine_WhenFormatted_ThenItIsOneLineAndTheSameName(string path)
    {
        Assert.Equal(path, Format(Records.At(path)).GetProperty("path").GetString());
        return Task.CompletedTask;
    }

    private static JsonElement Format(DecisionRecord record)
    {
        string line = Encoding.UTF8.GetString(new JsonRecordFormat().Format(record));
        Assert.Equal(line.Length - 1, line.IndexOf('\n'));
        return JsonDocument.Parse(line).RootElement;
    }
}
