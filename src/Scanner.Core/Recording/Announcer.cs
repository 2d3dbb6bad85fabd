using System.Buffers;
using System.Text.Json;
using Scanner.Core.Policy;
using Scanner.Core.Scanning;

namespace Scanner.Core.Recording;

/// <summary>Says at the start what is watched, and that protection is in force; and at the end what was done.</summary>
internal sealed class Announcer(WatchOptions options, IScanEngine engine, CounterReport counters, OutputWriter output)
{
    public void Ready()
    {
        foreach (WatchRoot root in options.Roots)
        {
            if (options.Json)
            {
                output.TryWrite(DescribeAsJson(root));
            }
            else
            {
                output.TryWrite(Describe(root));
            }
        }

        output.TryWrite(options.Json ? """{"type":"ready"}""" : "ready");
    }

    /// <summary>The last line.</summary>
    public void Stopped() => output.TryWrite(options.Json ? counters.AsJson() : counters.AsText());

    private string Describe(WatchRoot root)
    {
        string extent = root.IsWholeFilesystem ? "the whole file system" : "what lies below it";
        string mode = options.Observe ? ", observing only: nothing is denied" : "";
        return $"watching {root.Path}: {extent} ({root.Type} {root.Filesystem}); "
            + $"engine {EngineName}, profile {ProfileName}{mode}";
    }

    private byte[] DescribeAsJson(WatchRoot root)
    {
        ArrayBufferWriter<byte> line = new(256);
        using (Utf8JsonWriter writer = new(line))
        {
            writer.WriteStartObject();
            writer.WriteString("type"u8, "watch"u8);
            writer.WriteString("path"u8, root.Path.ToString());
            writer.WriteString("filesystem"u8, root.Filesystem.ToString());
            writer.WriteString("filesystem_type"u8, root.Type);
            writer.WriteBoolean("whole_filesystem"u8, root.IsWholeFilesystem);
            writer.WriteString("engine"u8, engine.Name);
            writer.WriteString("engine_location"u8, options.Engine.Location);
            writer.WriteString("engine_reason"u8, options.Engine.Why);
            writer.WriteString("profile"u8, ProfileName);
            writer.WriteBoolean("observe"u8, options.Observe);
            writer.WriteEndObject();
        }

        line.Write("\n"u8);
        return line.WrittenSpan.ToArray();
    }

    private string EngineName =>
        $"{engine.Name}{(options.Engine.Location is { } location ? $" at {location}" : "")} ({options.Engine.Why})";

    private string ProfileName => options.Profile.ToString().ToLowerInvariant();
}
