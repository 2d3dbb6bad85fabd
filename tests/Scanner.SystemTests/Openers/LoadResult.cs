using System.Globalization;

namespace Scanner.SystemTests.Openers;

/// <summary>What many openers, each of which knew what the answer had to be, counted.</summary>
internal sealed class LoadResult
{
    private readonly Dictionary<string, double> _counts;

    private LoadResult(string line, Dictionary<string, double> counts)
    {
        Line = line;
        _counts = counts;
    }

    public string Line { get; }

    public int Opens => (int)_counts["opens"];

    public int CleanAllowed => (int)_counts["clean_allowed"];

    public int CleanDenied => (int)_counts["clean_denied"];

    public int InfectedAllowed => (int)_counts["infected_allowed"];

    public int InfectedDenied => (int)_counts["infected_denied"];

    /// <summary>Failed with an error that is not the denial.</summary>
    public int Other => (int)_counts["other"];

    /// <summary>Opens of files that were changing meanwhile; 0 for all commands but one.</summary>
    public int Undecided => (int)_counts["undecided"];

    /// <summary>Had no answer when the time was over.</summary>
    public int Hung => (int)_counts["hung"];

    public TimeSpan LongestWait => TimeSpan.FromMilliseconds(_counts["longest_ms"]);

    /// <summary>Median of a sweep's single waits; 0 for the other commands.</summary>
    public TimeSpan MedianWait => TimeSpan.FromMilliseconds(_counts["p50_ms"]);

    /// <summary>99th percentile of a sweep's single waits; 0 for the other commands.</summary>
    public TimeSpan P99Wait => TimeSpan.FromMilliseconds(_counts["p99_ms"]);

    public static LoadResult From(OpenerResult result)
    {
        Assert.StartsWith("load ", result.Line);
        return new LoadResult(result.Line, result.Line.Split(' ')[1..]
            .Select(part => part.Split('='))
            .ToDictionary(pair => pair[0], pair => double.Parse(pair[1], CultureInfo.InvariantCulture)));
    }

    public void AssertAllRight()
    {
        AssertNothingInfectedAndNoneHung();
        Assert.True(CleanDenied == 0, Line);
    }

    public void AssertNothingInfectedAndNoneHung()
    {
        TestContext.Current.TestOutputHelper?.WriteLine(Line);
        Assert.True(Opens > 0 && InfectedAllowed == 0 && Other == 0 && Hung == 0, Line);
    }

    public void AssertNoWaitBeyond(TimeSpan limit) =>
        Assert.True(LongestWait <= limit, $"a wait was longer than {limit.TotalMilliseconds} ms: {Line}");
}
