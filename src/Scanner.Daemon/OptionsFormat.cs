using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Scanner.Core.Policy;
using Scanner.Linux;

namespace Scanner.Daemon;

/// <summary>How the command line's result reaches the workers: as JSON in the environment.</summary>
[JsonSourceGenerationOptions(Converters = [typeof(BytePathConverter)])]
[JsonSerializable(typeof(WatchOptions))]
internal sealed partial class OptionsFormat : JsonSerializerContext
{
    /// <summary>The environment variable's name.</summary>
    public const string Variable = "SCANNER_OPTIONS";

    /// <summary>What this process was given.</summary>
    public static string? Given => Environment.GetEnvironmentVariable(Variable);

    /// <summary>Reads what was written, perhaps by another version: what that did not know has its default.</summary>
    /// <exception cref="JsonException">It is not that.</exception>
    public static WatchOptions Read(string? text)
    {
        // The generated reader itself would leave out what init-only properties are by default.
        JsonObject options = JsonSerializer.SerializeToNode(new WatchOptions(), Default.WatchOptions)!.AsObject();
        if (JsonNode.Parse(text ?? "") is not JsonObject given)
        {
            throw new JsonException("no options");
        }

        foreach ((string name, JsonNode? value) in given)
        {
            options[name] = value?.DeepClone();
        }

        return options.Deserialize(Default.WatchOptions)!;
    }

    /// <summary>Paths are bytes, so base64.</summary>
    internal sealed class BytePathConverter : JsonConverter<BytePath>
    {
        public override BytePath Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            new(reader.GetBytesFromBase64());

        public override void Write(Utf8JsonWriter writer, BytePath value, JsonSerializerOptions options) =>
            writer.WriteBase64StringValue(value.Bytes);
    }
}
