using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Scanner.Core.Recording;

/// <summary>
/// A JSON object a line. Bytes that are no text are in <c>path_b64</c>, which is always there with a path.
/// </summary>
public sealed class JsonRecordFormat : IRecordFormat
{
    // The output is a pipe or a file, no web page: only what JSON itself needs is escaped.
    private static readonly JsonWriterOptions s_options =
        new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public byte[] Format(DecisionRecord record)
    {
        ArrayBufferWriter<byte> line = new(512);
        using (Utf8JsonWriter writer = new(line, s_options))
        {
            writer.WriteStartObject();
            writer.WriteString("type"u8, "decision"u8);
            writer.WriteString("time"u8, record.Time);
            writer.WriteString("decision"u8, record.IsAllowed ? "allow"u8 : "deny"u8);
            if (record.Path is null)
            {
                writer.WriteNull("path"u8);
            }
            else
            {
                writer.WriteString("path"u8, Encoding.UTF8.GetString(record.Path));
                writer.WriteBase64String("path_b64"u8, record.Path);
            }

            writer.WriteNumber("pid"u8, record.ProcessId);
            writer.WriteString("exe"u8, record.Executable);
            writer.WriteString("operation"u8, record.Operation);
            writer.WriteString("verdict"u8, record.Verdict);
            writer.WriteString("signature"u8, record.Signature);
            writer.WriteString("reason"u8, record.Reason);
            writer.WriteString("engine"u8, record.Engine);
            writer.WriteNumber("duration_ms"u8, Math.Round(record.Duration.TotalMilliseconds, 3));
            writer.WriteEndObject();
        }

        line.Write("\n"u8);
        return line.WrittenSpan.ToArray();
    }

    public byte[] FormatDropped(long count) => Encoding.UTF8.GetBytes(
        string.Create(CultureInfo.InvariantCulture, $$"""{"type":"dropped","count":{{count}}}""") + "\n");
}
