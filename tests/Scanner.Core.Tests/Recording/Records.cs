using System.Text;
using Scanner.Core.Recording;

namespace Scanner.Core.Tests.Recording;

/// <summary>A record to be varied.</summary>
internal static class Records
{
    public static DecisionRecord Denial { get; } = new()
    {
        Time = new DateTimeOffset(2024, 2, 3, 4, 5, 6, 789, TimeSpan.Zero),
        IsAllowed = false,
        Path = "/srv/file"u8.ToArray(),
        ProcessId = 123,
        Executable = "/usr/bin/cat",
        Operation = "open",
        Verdict = "infected",
        Signature = "Some.Name",
        Reason = null,
        Engine = "signatures",
        Duration = TimeSpan.FromMicroseconds(1234),
    };

    public static DecisionRecord At(string path) => Denial with { Path = Encoding.UTF8.GetBytes(path) };
}
