using System.Globalization;

namespace Scanner.Engines.Clamd;

/// <summary>
/// What clamd.conf says, as far as it concerns us (clamd.conf(5)); where it is silent, clamd 1.x's defaults.
/// </summary>
internal sealed record ClamdSettings
{
    private const long MiB = 1 << 20;

    /// <summary>Bytes of the largest file that is scanned: of a larger one clamd says OK. 0: no limit.</summary>
    public long MaxFileSize { get; init; } = 100 * MiB;

    /// <summary>
    /// Bytes that are scanned of one file and all it contains: of the rest clamd says OK. 0: no limit.
    /// </summary>
    public long MaxScanSize { get; init; } = 400 * MiB;

    public int MaxThreads { get; init; } = 10;

    public int MaxQueue { get; init; } = 100;

    /// <summary>Whether clamd says so when a limit kept it from looking at everything.</summary>
    public bool AlertExceedsMax { get; init; }

    /// <summary><c>null</c>: as its environment says, else /tmp.</summary>
    public string? TemporaryDirectory { get; init; }

    /// <summary><c>null</c>: where it was built to look.</summary>
    public string? DatabaseDirectory { get; init; }

    /// <summary>Seconds between clamd's own looks at its database. 0: it does not look.</summary>
    public int SelfCheck { get; init; } = 600;

    /// <summary>Where clamd logs to; <c>null</c> if to no file.</summary>
    public string? LogFile { get; init; }

    /// <summary>16 hexadecimal digits over the whole file: what else it says decides verdicts, too.</summary>
    public string Digest { get; init; } = "";

    /// <summary>When the file was last changed, in nanoseconds since 1970.</summary>
    public long ChangedAt { get; init; }

    /// <summary>Bytes of the largest file that clamd looks at as a whole.</summary>
    public long LargestFile => Math.Min(OrUnlimited(MaxFileSize), OrUnlimited(MaxScanSize));

    /// <summary>
    /// Reads the lines of a clamd.conf. What clamd would not understand is skipped: it runs, so it is not there.
    /// </summary>
    public static ClamdSettings Parse(IEnumerable<string> lines)
    {
        ClamdSettings settings = new();
        foreach (string line in lines)
        {
            string[] words = line.Split(
                (char[])[' ', '\t'], 2, StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
            if (words.Length == 2 && words[0][0] != '#')
            {
                settings = settings.With(words[0], words[1].Trim('"'));
            }
        }

        return settings;
    }

    private static long OrUnlimited(long size) => size == 0 ? long.MaxValue : size;

    /// <summary>A number of bytes, with K, M or G for the powers of 1,024.</summary>
    private static long Size(string text, long otherwise)
    {
        int shift = char.ToUpperInvariant(text[^1]) switch { 'K' => 10, 'M' => 20, 'G' => 30, _ => 0 };
        string digits = shift == 0 ? text : text[..^1];
        return long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out long number)
            && number <= long.MaxValue >> shift
            ? number << shift
            : otherwise;
    }

    private static int Number(string text, int otherwise) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : otherwise;

    private static bool Switch(string text) => text.ToUpperInvariant() is "YES" or "TRUE" or "1";

    private ClamdSettings With(string name, string value) => name.ToUpperInvariant() switch
    {
        "MAXFILESIZE" => this with { MaxFileSize = Size(value, MaxFileSize) },
        "MAXSCANSIZE" => this with { MaxScanSize = Size(value, MaxScanSize) },
        "MAXTHREADS" => this with { MaxThreads = Number(value, MaxThreads) },
        "MAXQUEUE" => this with { MaxQueue = Number(value, MaxQueue) },
        "ALERTEXCEEDSMAX" => this with { AlertExceedsMax = Switch(value) },
        "TEMPORARYDIRECTORY" => this with { TemporaryDirectory = value },
        "DATABASEDIRECTORY" => this with { DatabaseDirectory = value },
        "SELFCHECK" => this with { SelfCheck = Number(value, SelfCheck) },
        "LOGFILE" => this with { LogFile = value },
        _ => this,
    };
}
