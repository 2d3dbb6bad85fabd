using System.Text;
using Scanner.Core.Recording;

namespace Scanner.Core.Tests.Recording;

public sealed class TextRecordFormatTests
{
    [Fact(Timeout = 5_000)]
    public Task GivenADenial_WhenFormatted_ThenTheLineSaysAllOfIt()
    {
        Assert.Equal(
            "2024-02-03T04:05:06.789Z DENY  open /srv/file pid 123 (/usr/bin/cat) infected Some.Name "
                + "engine signatures 1.23 ms\n",
            Format(Records.Denial));
        return Task.CompletedTask;
    }

    [Fact(Timeout = 5_000)]
    public Task GivenLittleIsKnown_WhenFormatted_ThenTheLineSaysSo()
    {
        Assert.Equal(
            "2024-02-03T04:05:06.789Z allow exec (path unknown) pid 0 (gone) unscanned reason deadline_passed "
                + "engine signatures 1.23 ms\n",
            Format(Records.Denial with
            {
                IsAllowed = true,
                Operation = "exec",
                Path = null,
                ProcessId = 0,
                Executable = null,
                Verdict = null,
                Signature = null,
                Reason = "deadline_passed",
            }));
        return Task.CompletedTask;
    }

    [Theory(Timeout = 5_000)]
    [InlineData("a\nb", "a\\nb")]
    [InlineData("a\r\tb", "a\\r\\tb")]
    [InlineData("a\\nb", "a\\\\nb")]
    [InlineData("a\u001b[2Jb", "a\\u001b[2Jb")]
    [InlineData("a\u007f\u009bb", "a\\u007f\\u009bb")]
    [InlineData("a\u202egpj.exe", "a\\u202egpj.exe")]
    [InlineData("a\u2066\u2069\u200b\ufeffb", "a\\u2066\\u2069\\u200b\\ufeffb")]
    [InlineData("a\u2028\u2029b", "a\\u2028\\u2029b")]
    [InlineData("ä 漢 😀", "ä 漢 😀")]
    public Task GivenANameThatSpeaksToATerminal_WhenFormatted_ThenItIsEscaped(string name, string escaped)
    {
        Assert.Contains($" open /srv/{escaped} pid ", Format(Records.At($"/srv/{name}")));
        Assert.Contains($" ({escaped}) ", Format(Records.Denial with { Executable = name }));
        Assert.Contains($" infected {escaped} ", Format(Records.Denial with { Signature = name }));
        return Task.CompletedTask;
    }

    [Fact(Timeout = 5_000)]
    public Task GivenANameThatIsNotUtf8_WhenFormatted_ThenItIsOneLineAllTheSame()
    {
        byte[] every = [.. Enumerable.Range(1, 255).Select(value => (byte)value)];

        string line = Format(Records.Denial with { Path = every });

        Assert.Equal(line.Length - 1, line.IndexOf('\n'));
        Assert.DoesNotContain(line[..^1], char.IsControl);
        return Task.CompletedTask;
    }

    private static string Format(DecisionRecord record) =>
        Encoding.UTF8.GetString(new TextRecordFormat().Format(record));
}
