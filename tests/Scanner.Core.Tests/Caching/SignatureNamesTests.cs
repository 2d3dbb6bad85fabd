using Scanner.Core.Caching;
using Scanner.Core.Scanning;
using Scanner.Journal;
using Scanner.Testing;

namespace Scanner.Core.Tests.Caching;

public sealed class SignatureNamesTests
{
    private readonly SignatureNames _names = new();

    [Fact(Timeout = 5_000)]
    public Task GivenVerdicts_WhenShortened_ThenTheyExpandToTheSame() => Blocking.Run(() =>
    {
        Verdict[] verdicts = [Verdict.Clean, .. Enumerable.Range(0, 100).Select(i => Verdict.Infected($"Name-{i}"))];
        KnownVerdict[] known = [.. verdicts.Select(Shorten)];

        Assert.Equal(verdicts, known.Select(_names.Expand));
        Assert.Equal(known, verdicts.Select(Shorten));
        Assert.Equal(known.Length, known.Distinct().Count());
    });

    [Fact(Timeout = 5_000)]
    public Task GivenAVerdictThatMustNotBeKept_WhenShortened_ThenItIsRefused() => Blocking.Run(() =>
    {
        Verdict[] verdicts =
        [
            default,
            Verdict.NotScannable(FailureReason.TooLarge),
            Verdict.Clean.By("other"),
            Verdict.Infected("X").By("other"),
        ];

        Assert.All(verdicts, verdict => Assert.False(_names.TryShorten(verdict, out _)));
        Assert.Throws<ArgumentException>(() => _names.Expand(default));
    });

    private KnownVerdict Shorten(Verdict verdict)
    {
        Assert.True(_names.TryShorten(verdict, out KnownVerdict known));
        return known;
    }
}
