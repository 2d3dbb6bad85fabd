using System.Diagnostics;
using Scanner.Core.Scanning;
using Scanner.Engines.Clamd;
using Scanner.Engines.Signatures;
using Scanner.Journal;
using Scanner.Linux;
using Scanner.Testing;

namespace Scanner.Engines.Tests.Clamd;

/// <summary>Answers that are none: never clean, never a wait beyond the cancellation.</summary>
public sealed class FakeClamdTests
{
    private static readonly Verdict s_error = Verdict.NotScannable(FailureReason.EngineError);
    private static readonly Verdict s_unavailable = Verdict.NotScannable(FailureReason.EngineUnavailable);

    public static TheoryData<string, string> BadAnswers => new()
    {
        { "garbage", "rubbish\0" },
        { "empty", "\0" },
        { "no number", "fd[1]: OK\0" },
        { "negative number", "-#: fd[1]: OK\0" },
        { "signed number", "+#: fd[1]: OK\0" },
        { "wrong number", "99: fd[1]: OK\0" },
        { "number zero", "0: fd[1]: OK\0" },
        { "huge number", "4294967297: fd[1]: OK\0" },
        { "lower case", "#: fd[1]: ok\0" },
        { "more than OK", "#: fd[1]: OK OK\0" },
        { "OK with a space", "#: fd[1]: OK \0" },
        { "a line", "#: fd[1]: OK\n\0" },
        { "no descriptor", "#: OK\0" },
        { "a path", "#: /etc/passwd: OK\0" },
        { "no name", "#: fd[1]:  FOUND\0" },
        { "PONG", "#: PONG\0" },
        { "unknown command", "UNKNOWN COMMAND\0" },
        { "control characters", "#: fd[1]: A\u0001B FOUND\0" },
        { "one megabyte without end", new string('A', 1 << 20) },
        { "one megabyte that starts well", "#: fd[1]: " + new string('A', 1 << 20) },
    };

    [Theory(Timeout = 20_000)]
    [MemberData(nameof(BadAnswers))]
    public async Task GivenAnswerThatIsNone_WhenScanned_ThenItIsAnEngineErrorAfterOneRetry(string what, string answer)
    {
        Assert.NotEmpty(what);
        using FakeClamd server = new(
            (connection, id) => connection.Send(answer.Replace("#", $"{id}", StringComparison.Ordinal)));
        KeptLog log = new();
        await using ClamdEngine engine = Engines.Start(server.SocketPath, log);

        Verdict verdict = await engine.JudgeAsync("/proc/self/exe", 1);

        Assert.Equal(s_error, verdict);
        Assert.Equal(2, server.Scans);
        Assert.True(engine.IsAvailable);
        Assert.Equal(1, log.Count(EngineEventIds.ClamdNonsense));
    }

    [Fact(Timeout = 20_000)]
    public async Task GivenAServedFileThatIsLargerThanItsServerSays_WhenScanned_ThenItIsTooLargeAndClamdIsNotAsked()
    {
        using FakeClamd server = new((connection, id) => connection.Send($"{id}: fd[1]: OK\0"));
        await using ClamdEngine engine = Engines.Start(
            new ClamdOptions { SocketPath = server.SocketPath, MaxFileSize = 1000 });
        using Descriptor large = Descriptor.OpenRead("/proc/self/exe");
        using Descriptor small = Descriptor.OpenRead("/proc/self/comm");

        CancellationToken never = TestContext.Current.CancellationToken;
        Verdict ofLarge = await engine.ScanAsync(new ScanTarget(large.Content, 1) { IsServed = true }, never);
        Verdict ofSmall = await engine.ScanAsync(new ScanTarget(small.Content, 1) { IsServed = true }, never);

        Assert.Equal(Verdict.NotScannable(FailureReason.TooLarge), ofLarge);
        Assert.Equal(Verdict.Clean, ofSmall);
        Assert.Equal(1, server.Scans);
    }

    [Theory(Timeout = 20_000)]
    [InlineData("")]
    [InlineData("#: fd[1]: O")]
    [InlineData("#: fd[1]: OK")]
    public async Task GivenConnectionThatEndsBeforeTheReplyDoes_WhenScanned_ThenItIsAnEngineError(string half)
    {
        using FakeClamd server = new((connection, id) =>
        {
            connection.Send(half.Replace("#", $"{id}", StringComparison.Ordinal));
            connection.Close();
        });
        await using ClamdEngine engine = Engines.Start(server.SocketPath);

        Assert.Equal(s_error, await engine.JudgeAsync("/proc/self/exe", 1));
        Assert.Equal(2, server.Scans);
    }

    [Theory(Timeout = 20_000)]
    [InlineData("Can't open file or directory ERROR", FailureReason.NotReadable)]
    [InlineData("Not a regular file ERROR", FailureReason.NotReadable)]
    [InlineData("Time limit reached ERROR", FailureReason.EngineError)]
    [InlineData("Heuristics.Limits.Exceeded.MaxFileSize FOUND", FailureReason.TooLarge)]
    [InlineData("Heuristics.Limits.Exceeded FOUND", FailureReason.TooLarge)]
    public async Task GivenReplyThatIsNoVerdict_WhenScanned_ThenItIsNotScannableWithItsReason(
        string answer, FailureReason reason)
    {
        using FakeClamd server = new((connection, id) => connection.Send($"{id}: fd[7]: {answer}\0"));
        await using ClamdEngine engine = Engines.Start(server.SocketPath);

        Assert.Equal(Verdict.NotScannable(reason), await engine.JudgeAsync("/proc/self/exe", 1));
        Assert.Equal(1, server.Scans);
    }

    [Theory(Timeout = 20_000)]
    [InlineData("Win.Test-1 FOUND", "Win.Test-1")]
    [InlineData("Win.Test-1(0123456789abcdef0123456789abcdef:68) FOUND", "Win.Test-1")]
    [InlineData("A (b) FOUND", "A (b)")]
    [InlineData("OK FOUND", "OK")]
    public async Task GivenName_WhenFound_ThenItIsTheSignature(string answer, string name)
    {
        using FakeClamd server = new((connection, id) => connection.Send($"{id}: fd[7]: {answer}\0"));
        await using ClamdEngine engine = Engines.Start(server.SocketPath);

        Assert.Equal(Verdict.Infected(name), await engine.JudgeAsync("/proc/self/exe", 1));
    }

    [Fact(Timeout = 20_000)]
    public async Task GivenReplyInPieces_WhenScanned_ThenItIsUnderstood()
    {
        using FakeClamd server = new((connection, id) =>
        {
            foreach (char character in $"{id}: fd[7]: OK\0")
            {
                connection.Send($"{character}");
            }
        });
        await using ClamdEngine engine = Engines.Start(server.SocketPath);

        Assert.Equal(Verdict.Clean, await engine.JudgeAsync("/proc/self/exe", 1));
    }

    [Fact(Timeout = 20_000)]
    public async Task GivenSameReplyTwice_WhenScanned_ThenTheSecondIsNotTakenForAnother()
    {
        using FakeClamd server = new((connection, id) =>
        {
            connection.Send($"{id}: fd[7]: OK\0{id}: fd[7]: OK\0");
        });
        await using ClamdEngine engine = Engines.Start(
            new ClamdOptions { SocketPath = server.SocketPath, Sessions = 1 });

        Task<Verdict>[] scans = [.. Enumerable.Range(0, 8).Select(_ => engine.JudgeAsync("/proc/self/exe", 1))];

        // Each has had a reply with its own number, or has lost its session: both are right, a hang is not.
        Assert.All(await Task.WhenAll(scans), verdict => Assert.Contains(verdict, (Verdict[])[Verdict.Clean, s_error]));
        Assert.Equal(Verdict.Clean, await engine.JudgeAsync("/proc/self/exe", 1));
    }

    [Fact(Timeout = 20_000)]
    public async Task GivenOkForAnother_WhenTwoWait_ThenNeitherIsClean()
    {
        using FakeClamd server = new((connection, id) => connection.Send($"{id + 5}: fd[7]: OK\0"));
        await using ClamdEngine engine = Engines.Start(
            new ClamdOptions { SocketPath = server.SocketPath, Sessions = 1 });

        Verdict[] verdicts = await Task.WhenAll(
            engine.JudgeAsync("/proc/self/exe", 1), engine.JudgeAsync("/proc/self/exe", 1));

        Assert.All(verdicts, verdict => Assert.Equal(s_error, verdict));
    }

    [Fact(Timeout = 20_000)]
    public async Task GivenServerThatClosesAfterEachReply_WhenScannedOneByOne_ThenAllAreClean()
    {
        using FakeClamd server = new((connection, id) =>
        {
            connection.Send($"{id}: fd[7]: OK\0");
            connection.Close();
        });
        await using ClamdEngine engine = Engines.Start(server.SocketPath);
        for (int i = 0; i < 200; i++)
        {
            Assert.Equal(Verdict.Clean, await engine.JudgeAsync("/proc/self/exe", 1));
        }
    }

    [Fact(Timeout = 20_000)]
    public async Task GivenNoReply_WhenCancelled_ThenTheWaiterIsReleasedAtOnceAndTheLateReplyIsIgnored()
    {
        List<Action> late = [];
        bool isSilent = true;
        using FakeClamd server = new((connection, id) =>
        {
            if (isSilent)
            {
                lock (late)
                {
                    late.Add(() => connection.Send($"{id}: fd[7]: Late FOUND\0"));
                }
            }
            else
            {
                connection.Send($"{id}: fd[7]: OK\0");
            }
        });
        await using ClamdEngine engine = Engines.Start(
            new ClamdOptions { SocketPath = server.SocketPath, Sessions = 1 });
        using CancellationTokenSource deadline = new(TimeSpan.FromMilliseconds(200));
        Stopwatch time = Stopwatch.StartNew();
        CountedPlace place = new();

        Task<Verdict>[] scans =
            [.. Enumerable.Range(0, 4).Select(_ => engine.JudgeUntilAsync("/proc/self/exe", deadline.Token, place))];
        foreach (Task<Verdict> scan in scans)
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => scan);
        }

        Assert.InRange(time.ElapsedMilliseconds, 150, 1_000);
        Assert.Equal(4, server.Scans);

        // clamd still works on them.
        Assert.Equal(4, place.Kept);
        isSilent = false;
        lock (late)
        {
            late.ForEach(send => send());
        }

        await Engines.UntilAsync(() => place.Kept == 0, TimeSpan.FromSeconds(5));
        Assert.True(engine.IsAvailable);
        for (int i = 0; i < 10; i++)
        {
            Assert.Equal(Verdict.Clean, await engine.JudgeAsync("/proc/self/exe", 1));
        }
    }

    [Fact(Timeout = 20_000)]
    public async Task GivenReplyThatNeverComes_WhenLongestScanHasPassed_ThenItsPlaceIsFree()
    {
        int scans = 0;
        using FakeClamd server = new((connection, id) =>
        {
            if (Interlocked.Increment(ref scans) > 2)
            {
                connection.Send($"{id}: fd[7]: OK\0");
            }
        });
        await using ClamdEngine engine = Engines.Start(new ClamdOptions
        {
            SocketPath = server.SocketPath,
            Outstanding = 1,
            LongestScan = TimeSpan.FromSeconds(1),
        });

        // The first attempt and its retry get no reply.
        Assert.Equal(s_error, await engine.JudgeAsync("/proc/self/exe", 1));
        Assert.Equal(Verdict.Clean, await engine.JudgeAsync("/proc/self/exe", 1));
    }

    [Fact(Timeout = 20_000)]
    public async Task GivenServerThatRefusesConnections_WhenScanned_ThenTheAnswerIsImmediate()
    {
        FakeClamd server = new((_, _) => { });
        KeptLog log = new();
        await using ClamdEngine engine = Engines.Start(server.SocketPath, log);
        Task<Verdict> pending = engine.JudgeAsync("/proc/self/exe", 1);
        server.Dispose();

        // The connection ends, and there is no other.
        Assert.Equal(s_unavailable, await pending);
        await Engines.UntilAsync(() => !engine.IsAvailable, TimeSpan.FromSeconds(3));
        Verdict verdict = default;
        double best = double.MaxValue;
        for (int i = 0; i < 20; i++)
        {
            Stopwatch time = Stopwatch.StartNew();
            verdict = await engine.JudgeAsync("/proc/self/exe", 1);
            best = Math.Min(best, time.Elapsed.TotalMilliseconds);
        }

        Assert.Equal(s_unavailable, verdict);
        Assert.InRange(best, 0, 1);
        await Task.Delay(1500, TestContext.Current.CancellationToken);
        Assert.Equal(1, log.Count(EngineEventIds.ClamdLost));
    }

    [Fact(Timeout = 60_000)]
    public async Task GivenScansUnderWay_WhenTheServerGoes_ThenAllAreAnswered()
    {
        FakeClamd server = new((_, _) => { });
        await using ClamdEngine engine = Engines.Start(server.SocketPath);
        Task<Verdict>[] scans =
            [.. Enumerable.Range(0, engine.Concurrency).Select(_ => engine.JudgeAsync("/proc/self/exe", 1))];

        server.Dispose();

        Assert.All(await Task.WhenAll(scans), verdict => Assert.Equal(s_unavailable, verdict));
    }

    [Fact(Timeout = 20_000)]
    public async Task GivenFallback_WhenTheServerIsAway_ThenItsVerdictIsAStandIn()
    {
        await using ClamdEngine engine = Engines.Start("/nonexistent/clamd");
        EngineWithFallback both = new(engine, SignatureEngine.Load(null));

        Verdict verdict = await both.JudgeAsync("/proc/self/status", 1);

        Assert.Equal(VerdictKind.Clean, verdict.Kind);
        Assert.NotNull(verdict.StandIn);
    }

    [Fact(Timeout = 20_000)]
    public async Task GivenFallback_WhenTheServerIsInError_ThenItIsNotAsked()
    {
        using FakeClamd server = new((connection, _) => connection.Send("rubbish\0"));
        await using ClamdEngine engine = Engines.Start(server.SocketPath);
        EngineWithFallback both = new(engine, SignatureEngine.Load(null));

        Assert.Equal(s_error, await both.JudgeAsync("/proc/self/exe", 1));
    }

    [Fact(Timeout = 10_000)]
    public Task GivenOptionsOutOfRange_WhenStarted_ThenEachIsNamed() => Blocking.Run(() =>
    {
        ClamdOptions options = new() { SocketPath = "", Sessions = 0, MaxFileSize = 3L << 30 };

        ArgumentException error = Assert.Throws<ArgumentException>(() => Engines.Start(options));

        Assert.Contains("SocketPath", error.Message, StringComparison.Ordinal);
        Assert.Contains("Sessions", error.Message, StringComparison.Ordinal);
        Assert.Contains("MaxFileSize", error.Message, StringComparison.Ordinal);
    });
}
