using System.Globalization;
using System.Text;

namespace Scanner.Core.Recording;

/// <summary>A line for people.</summary>
/// <remarks>
/// A file's name is its owner's to choose: control characters are written as C would, so that no name can forge a
/// line or speak to a terminal.
/// </remarks>
public sealed class TextRecordFormat : IRecordFormat
{
    public byte[] Format(DecisionRecord record)
    {
        StringBuilder line = new(256);
        line.Append(CultureInfo.InvariantCulture, $"{record.Time:yyyy-MM-dd'T'HH:mm:ss.fff'Z'} ");
        line.Append(record.IsAllowed ? "allow " : "DENY  ");
        line.Append(record.Operation).Append(' ');
        AppendEscaped(line, record.Path is null ? "(path unknown)" : Encoding.UTF8.GetString(record.Path));
        line.Append(CultureInfo.InvariantCulture, $" pid {record.ProcessId} (");
        AppendEscaped(line, record.Executable ?? "gone");
        line.Append(") ").Append(record.Verdict ?? "unscanned");
        if (record.Signature is not null)
        {
            AppendEscaped(line.Append(' '), record.Signature);
        }

        if (record.Reason is not null)
        {
            line.Append(CultureInfo.InvariantCulture, $" reason {record.Reason}");
        }

        line.Append(
            CultureInfo.InvariantCulture, $" engine {record.Engine} {record.Duration.TotalMilliseconds:0.00} ms\n");
        return Encoding.UTF8.GetBytes(line.ToString());
    }

    public byte[] FormatDropped(long count) => Encoding.UTF8.GetBytes(
        string.Create(CultureInfo.InvariantCulture, $"{count} lines are missing here: nobody read them in time\n"));

    private static void AppendEscaped(StringBuilder line, string text)
    {
        foreach (char c in text)
        {
            _ = c switch
            {
                '\n' => line.Append("\\n"),
                '\t' => line.Append("\\t"),
                '\r' => line.Append("\\r"),
                '\\' => line.Append("\\\\"),
                _ when char.IsControl(c) || IsInvisible(c) =>
                    line.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"),
                _ => line.Append(c),
            };
        }
    }

    /// <summary>Marks that reorder or hide text on a terminal.</summary>
    private static bool IsInvisible(char c) =>
        char.GetUnicodeCategory(c) is UnicodeCategory.Format or UnicodeCategory.LineSeparator
            or UnicodeCategory.ParagraphSeparator;
}
