using Scanner.Engines.Clamd;
using Scanner.Testing;

namespace Scanner.Engines.Tests.Clamd;

public sealed class ClamdSettingsTests
{
    [Fact(Timeout = 10_000)]
    public Task GivenNothing_WhenRead_ThenTheDefaultsAreThoseOfClamd() => Blocking.Run(() =>
    {
        ClamdSettings settings = ClamdSettings.Parse(["# MaxFileSize 1M", "", "Example", "LocalSocket /run/x"]);

        Assert.Equal(new ClamdSettings(), settings);
        Assert.Equal(100 << 20, settings.LargestFile);
        Assert.Equal(10, settings.MaxThreads);
        Assert.False(settings.AlertExceedsMax);
        Assert.Null(settings.TemporaryDirectory);
    });

    [Fact(Timeout = 10_000)]
    public Task GivenLines_WhenRead_ThenTheyCount() => Blocking.Run(() =>
    {
        ClamdSettings settings = ClamdSettings.Parse(
        [
            "MaxFileSize\t25M", "  MaxScanSize  3k", "MaxThreads 12", "MaxQueue 7",
            "AlertExceedsMax TRUE", "TemporaryDirectory /var/tmp/with space ", "DatabaseDirectory \"/var/lib/x\"",
        ]);

        Assert.Equal(25 << 20, settings.MaxFileSize);
        Assert.Equal(3 << 10, settings.MaxScanSize);
        Assert.Equal((12, 7, true), (settings.MaxThreads, settings.MaxQueue, settings.AlertExceedsMax));
        Assert.Equal("/var/tmp/with space", settings.TemporaryDirectory);
        Assert.Equal("/var/lib/x", settings.DatabaseDirectory);
        Assert.Equal(3 << 10, settings.LargestFile);
    });

    [Theory(Timeout = 10_000)]
    [InlineData("0", "0", long.MaxValue)]
    [InlineData("0", "5M", 5L << 20)]
    [InlineData("5M", "0", 5L << 20)]
    [InlineData("99999999999999999999", "1", 1)]
    [InlineData("9999999999999999999M", "0", 100L << 20)]
    [InlineData("-1", "0", 100L << 20)]
    [InlineData("M", "0", 100L << 20)]
    public Task GivenLimits_WhenRead_ThenTheSmallerCountsAndZeroIsNone(string file, string scan, long expected) =>
        Blocking.Run(() => Assert.Equal(
            expected, ClamdSettings.Parse([$"MaxFileSize {file}", $"MaxScanSize {scan}"]).LargestFile));
}
