using System.Text;
using Scanner.Core.Scanning;
using Scanner.Engines.Signatures;

namespace Scanner.Engines.Tests.Signatures;

public sealed class EicarTestFileTests
{
    /// <summary>In pieces, so that other scanners do not find the test file in this source.</summary>
    private static readonly string TestString =
        string.Concat(@"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-", "STANDARD-ANTIVIRUS-TEST", "-FILE!$H+H*");

    public static TheoryData<string> Detected => new(
        "",
        "\n",
        "\r\n",
        " \t\r\n\u001A",
        new string(' ', 60));

    public static TheoryData<string> NotDetected => new(
        "x",
        "\0",
        "\n\n.",
        "\u000B",
        new string(' ', 61),
        new string(' ', 100_000));

    [Theory(Timeout = 10_000)]
    [MemberData(nameof(Detected))]
    public async Task GivenTestFile_WhenScanned_ThenItIsInfected(string tail)
    {
        using SignatureFiles files = new();
        SignatureEngine engine = SignatureEngine.Load(null);

        Verdict verdict = await files.ScanAsync(engine, Encoding.ASCII.GetBytes(TestString + tail));

        Assert.Equal(Verdict.Infected("Eicar-Test-Signature"), verdict);
    }

    [Theory(Timeout = 10_000)]
    [MemberData(nameof(NotDetected))]
    public async Task GivenTestStringWithSomethingElseAfterIt_WhenScanned_ThenItIsClean(string tail)
    {
        using SignatureFiles files = new();
        SignatureEngine engine = SignatureEngine.Load(null);

        Verdict verdict = await files.ScanAsync(engine, Encoding.ASCII.GetBytes(TestString + tail));

        Assert.Equal(Verdict.Clean, verdict);
    }

    [Fact(Timeout = 10_000)]
    public async Task GivenTestStringNotAtTheStart_WhenScanned_ThenItIsClean()
    {
        using SignatureFiles files = new();
        SignatureEngine engine = SignatureEngine.Load(null);

        Assert.Equal(Verdict.Clean, await files.ScanAsync(engine, Encoding.ASCII.GetBytes(" " + TestString)));
        Assert.Equal(Verdict.Clean, await files.ScanAsync(engine, Encoding.ASCII.GetBytes(TestString[..67])));
        Assert.Equal(Verdict.Clean, await files.ScanAsync(engine, []));
    }

    [Theory(Timeout = 10_000)]
    [InlineData(0)]
    [InlineData(67)]
    [InlineData(5_000_000)]
    public async Task GivenTestFileAnnouncedWithAnotherSize_WhenScanned_ThenItIsInfected(long announced)
    {
        using SignatureFiles files = new();
        SignatureEngine engine = SignatureEngine.Load(null);
        string path = files.WriteContent(Encoding.ASCII.GetBytes(TestString));

        Verdict verdict = await SignatureFiles.ScanAsync(engine, path, announced);

        Assert.Equal(VerdictKind.Infected, verdict.Kind);
    }
}
