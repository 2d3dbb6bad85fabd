using System.Buffers.Text;
using System.Text;
using Scanner.Core.Scanning;
using Scanner.Journal;

namespace Scanner.Engines.Clamd;

/// <summary>
/// One reply to FILDES inside a session: <c>1: fd[10]: OK</c>, <c>... NAME FOUND</c>, <c>... ERROR</c>.
/// </summary>
/// <param name="Id">
/// Which request it answers: clamd counts the commands of a session from 1 (clamd(8), IDSESSION).
/// </param>
/// <param name="Kind">What clamd says.</param>
/// <param name="Text">The signature's name or the error; <c>null</c> for OK.</param>
internal readonly record struct ScanReply(uint Id, ReplyKind Kind, string? Text)
{
    private const string LimitPrefix = "Heuristics.Limits.Exceeded";

    /// <summary>What clamd writes when it cannot get at the content, as opposed to cannot make sense of it.</summary>
    private static readonly string[] s_unreadable =
        ["Can't open", "Can't read", "Can't access", "Permission denied", "Not a regular file", "Input/output error"];

    /// <summary>Reads one reply.</summary>
    /// <param name="line">The reply, without its NUL.</param>
    /// <param name="reply">The reply.</param>
    /// <returns>Whether it has one of the three forms; anything else is not an answer.</returns>
    public static bool TryParse(ReadOnlySpan<byte> line, out ScanReply reply)
    {
        reply = default;
        if (!TryReadNumber(ref line, out uint id) || !TrySkip(ref line, ": "u8))
        {
            return false;
        }

        if (line.EndsWith(" ERROR"u8))
        {
            reply = new ScanReply(id, ReplyKind.Error, Encoding.UTF8.GetString(line[..^" ERROR".Length]));
            return true;
        }

        // The number in brackets is the descriptor's in clamd, and tells us nothing.
        if (!TrySkip(ref line, "fd["u8) || !TryReadNumber(ref line, out _) || !TrySkip(ref line, "]: "u8))
        {
            return false;
        }

        if (line.SequenceEqual("OK"u8))
        {
            reply = new ScanReply(id, ReplyKind.Ok, null);
            return true;
        }

        if (!line.EndsWith(" FOUND"u8) || !TryReadName(line[..^" FOUND".Length], out string? name))
        {
            return false;
        }

        reply = new ScanReply(id, ReplyKind.Found, name);
        return true;
    }

    public Verdict ToVerdict() => Kind switch
    {
        ReplyKind.Ok => Verdict.Clean,

        // With AlertExceedsMax clamd reports a limit of its own like a signature.
        ReplyKind.Found when Text!.StartsWith(LimitPrefix, StringComparison.Ordinal) =>
            Verdict.NotScannable(FailureReason.TooLarge),
        ReplyKind.Found => Verdict.Infected(Text!),
        _ => Verdict.NotScannable(IsUnreadable(Text!) ? FailureReason.NotReadable : FailureReason.EngineError),
    };

    private static bool IsUnreadable(string error) =>
        s_unreadable.Any(text => error.Contains(text, StringComparison.OrdinalIgnoreCase));

    private static bool TryReadNumber(ref ReadOnlySpan<byte> line, out uint number)
    {
        // The parser would take a sign.
        number = 0;
        if (line.IsEmpty || !char.IsAsciiDigit((char)line[0]) || !Utf8Parser.TryParse(line, out number, out int length))
        {
            return false;
        }

        line = line[length..];
        return true;
    }

    private static bool TrySkip(ref ReadOnlySpan<byte> line, ReadOnlySpan<byte> expected)
    {
        if (!line.StartsWith(expected))
        {
            return false;
        }

        line = line[expected.Length..];
        return true;
    }

    /// <summary>A name; with ExtendedDetectionInfo clamd appends the content's hash and size in parentheses.</summary>
    private static bool TryReadName(ReadOnlySpan<byte> text, out string? name)
    {
        name = null;
        if (text.ContainsAnyInRange((byte)0, (byte)0x1F))
        {
            return false;
        }

        int details = text.LastIndexOf((byte)'(');
        if (details > 0 && text[^1] == (byte)')' && text[details..].Contains((byte)':'))
        {
            text = text[..details];
        }

        if (text.IsEmpty)
        {
            return false;
        }

        name = Encoding.UTF8.GetString(text);
        return true;
    }
}
