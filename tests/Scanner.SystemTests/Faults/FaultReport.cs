using Scanner.SystemTests.Openers;

namespace Scanner.SystemTests.Faults;

/// <summary>What became of the opens while faults were done, as counts.</summary>
internal sealed class FaultReport
{
    /// <summary>For wrong answers of a worker that was killed before it could tell of them.</summary>
    private const string Untold = "untold by a worker that died";

    private const string Unexplained = "UNEXPLAINED";

    /// <summary>Answers are due by so much after the deadline; the rest is for a busy machine.</summary>
    private static readonly TimeSpan _afterDeadline = TimeSpan.FromMilliseconds(100 + 400);

    /// <summary>Why an open may get another answer than its content deserves (README).</summary>
    private static readonly string[] _documented =
        ["deadline_passed", "engine_unavailable", "engine_error", "restarting"];

    private readonly int _seed;
    private readonly FaultDriver _driver;
    private readonly IReadOnlyList<LoadResult> _loads;
    private readonly Dictionary<string, int> _passed;
    private readonly Dictionary<string, int> _denied;
    private readonly long _dropped;

    public FaultReport(
        int seed,
        FaultDriver driver,
        IReadOnlyList<LoadResult> loads,
        IReadOnlyList<WrongAnswer> wrong,
        DecisionAccount account)
    {
        _seed = seed;
        _driver = driver;
        _loads = loads;
        _dropped = account.Dropped;
        _passed = CountReasons(wrong.Where(answer => answer.WasAllowed), account);
        _denied = CountReasons(wrong.Where(answer => !answer.WasAllowed), account);
    }

    public required Descriptors Before { get; init; }

    public required Descriptors After { get; init; }

    public int Opens => _loads.Sum(load => load.Opens);

    public int InfectedAllowed => _loads.Sum(load => load.InfectedAllowed);

    public int MostLeases => _driver.MostLeases;

    public int Hung => _loads.Sum(load => load.Hung);

    private int CleanDenied => _loads.Sum(load => load.CleanDenied);

    private int Other => _loads.Sum(load => load.Other);

    private TimeSpan LongestWait => _loads.Max(load => load.LongestWait);

    private TimeSpan MostWait => FaultBed.Deadline + _afterDeadline + _driver.LongestOutage;

    /// <summary>Nothing infected is opened, and whatever else is refused has a documented reason.</summary>
    public void AssertStrict()
    {
        Assert.True(InfectedAllowed == 0, $"{this}");
        AssertDocumented(_denied);
        AssertNobodyIsLeft();
    }

    /// <summary>Nothing clean is refused, and whatever infected is opened has a documented reason.</summary>
    public void AssertAvailable()
    {
        Assert.True(CleanDenied == 0, $"{this}");
        AssertDocumented(_passed);
        AssertNobodyIsLeft();
    }

    public override string ToString() => string.Join(
        '\n',
        $"seed {_seed}, workers died {_driver.Deaths} ({Join(_driver.Done)})",
        $"opens {Opens}, of files that were changing {_loads.Sum(load => load.Undecided)}",
        $"right answers {_loads.Sum(load => load.CleanAllowed + load.InfectedDenied)}",
        $"infected opens let through {InfectedAllowed} ({Join(_passed)})",
        $"clean opens denied {CleanDenied} ({Join(_denied)})",
        $"other errors {Other}, lines that were not printed {_dropped}",
        $"longest wait {LongestWait.TotalMilliseconds:F0} ms of at most {MostWait.TotalMilliseconds:F0}",
        $"longest time without a worker {_driver.LongestOutage.TotalMilliseconds:F0} ms",
        $"orphaned waits {Hung}",
        $"descriptors: {Before} -> {After}",
        $"leases kept when a fault came: at most {_driver.MostLeases}");

    private void AssertDocumented(Dictionary<string, int> reasons) =>
        Assert.True(reasons.Keys.All(reason => reason == Untold || _documented.Contains(reason)), $"{this}");

    private void AssertNobodyIsLeft()
    {
        Assert.True(Other == 0 && Hung == 0 && _dropped == 0, $"{this}");
        Assert.True(LongestWait <= MostWait, $"{this}");
        Assert.True(After.IsNoMoreThan(Before), $"{this}\n{After.Text}");
    }

    private Dictionary<string, int> CountReasons(IEnumerable<WrongAnswer> wrong, DecisionAccount account) =>
        wrong
            .Select(answer => account.ReasonOf(answer) ?? (_driver.DiedAt(answer.At) ? Untold : Unexplained))
            .GroupBy(reason => reason)
            .ToDictionary(group => group.Key, group => group.Count());

    private static string Join<T>(IEnumerable<KeyValuePair<T, int>> counts) =>
        string.Join(", ", counts.Select(count => $"{count.Key} {count.Value}").Order(StringComparer.Ordinal));
}
