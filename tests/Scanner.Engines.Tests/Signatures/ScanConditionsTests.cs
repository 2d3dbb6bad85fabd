using System.Diagnostics;
using Scanner.Core.Scanning;
using Scanner.Engines.Signatures;
using Scanner.Journal;
using Scanner.Linux;
using Scanner.Testing;

namespace Scanner.Engines.Tests.Signatures;

/// <summary>Content that changes, cannot be read, is huge, or is scanned by many at once.</summary>
public sealed class ScanConditionsTests
{
    public static TheoryData<long, int> ChangedSizes
    {
        get
        {
            TheoryData<long, int> sizes = [];
            foreach (int real in (int[])[0, 100, 5_000, 65_536, 300_000])
            {
                foreach (long announced in (long[])[-1, 0, 1, 100, 129, 5_000, 65_535, 65_536, 300_001, 6_000_000_000])
                {
                    sizes.Add(announced, real);
                }
            }

            return sizes;
        }
    }

    [Theory(Timeout = 20_000)]
    [MemberData(nameof(ChangedSizes))]
    public async Task GivenContentThatGrewOrWasTruncated_WhenScanned_ThenWhatIsReadIsFound(long announced, int real)
    {
        byte[] content = SignatureFiles.Content(real);
        string[] hashes = [SignatureFiles.Md5(content), SignatureFiles.Sha1(content), SignatureFiles.Sha256(content)];
        foreach (string hash in hashes)
        {
            using SignatureFiles files = new();

            // The size announced has a signature too, of an algorithm that the real size may not need.
            files.WriteList("a.hsb", $"{hash}:{real}:Real\n{new string('0', 40)}:{Math.Max(announced, 0)}:Announced\n");
            SignatureEngine engine = SignatureEngine.Load(files.Lists);
            string path = files.WriteContent(content);

            Assert.Equal(Verdict.Infected("Real"), await SignatureFiles.ScanAsync(engine, path, announced));
        }
    }

    [Theory(Timeout = 20_000)]
    [MemberData(nameof(ChangedSizes))]
    public async Task GivenNoSignatureOfTheAnnouncedSize_WhenContentGrewOrWasTruncated_ThenWhatIsReadIsFound(
        long announced, int real)
    {
        byte[] content = SignatureFiles.Content(real);
        using SignatureFiles files = new();
        files.WriteList("a.hdb", $"{SignatureFiles.Md5(content)}:{real}:Real\n");
        SignatureEngine engine = SignatureEngine.Load(files.Lists);
        string path = files.WriteContent(content);

        Assert.Equal(Verdict.Infected("Real"), await SignatureFiles.ScanAsync(engine, path, announced));
    }

    [Fact(Timeout = 30_000)]
    public async Task GivenContentThatChangesWhileItIsScanned_WhenScanned_ThenThereIsAlwaysAVerdict()
    {
        using SignatureFiles files = new();
        files.WriteList("a.hsb", $"{new string('0', 64)}:*:Any:73\n{new string('0', 32)}:400000:Sized\n");
        SignatureEngine engine = SignatureEngine.Load(files.Lists);
        string path = files.WriteSparse(400_000);
        using CancellationTokenSource stop = new();
        Task writer = Task.Run(() => ResizeUntil(path, stop.Token), TestContext.Current.CancellationToken);
        for (int i = 0; i < 300; i++)
        {
            Verdict verdict = await SignatureFiles.ScanAsync(engine, path, 400_000);

            Assert.Equal(Verdict.Clean, verdict);
        }

        await stop.CancelAsync();
        await writer;
    }

    [Fact(Timeout = 10_000)]
    public async Task GivenHugeSparseFileOfASizeWithoutSignature_WhenScanned_ThenItIsNotRead()
    {
        using SignatureFiles files = new();
        const long size = 5L << 30;
        files.WriteList("a.hsb", $"{new string('0', 64)}:{size - 1}:Less\n{new string('0', 32)}:{size + 1}:More\n");
        SignatureEngine engine = SignatureEngine.Load(files.Lists);
        string path = files.WriteSparse(size);
        Stopwatch time = Stopwatch.StartNew();

        Verdict verdict = await SignatureFiles.ScanAsync(engine, path, size);

        Assert.Equal(Verdict.Clean, verdict);
        Assert.InRange(time.Elapsed, TimeSpan.Zero, TimeSpan.FromMilliseconds(500));
    }

    [Fact(Timeout = 10_000)]
    public async Task GivenHugeFileBeingHashed_WhenCancelled_ThenTheScanEndsSoon()
    {
        using SignatureFiles files = new();
        const long size = 100L << 30;
        files.WriteList("a.hsb", $"{new string('0', 64)}:{size}:Name\n");
        SignatureEngine engine = SignatureEngine.Load(files.Lists);
        using Descriptor file = Descriptor.OpenRead(files.WriteSparse(size));
        using CancellationTokenSource deadline = new(TimeSpan.FromMilliseconds(50));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            async () => await engine.ScanAsync(new ScanTarget(file.Content, size), deadline.Token));
    }

    [Fact(Timeout = 10_000)]
    public async Task GivenCancelledToken_WhenScanned_ThenTheTaskIsCancelled()
    {
        using SignatureFiles files = new();
        SignatureEngine engine = SignatureEngine.Load(null);
        using Descriptor file = Descriptor.OpenRead(files.WriteContent([1]));

        ValueTask<Verdict> scan = engine.ScanAsync(new ScanTarget(file.Content, 1), new CancellationToken(true));

        Assert.True(scan.IsCanceled);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await scan);
    }

    [Fact(Timeout = 10_000)]
    public async Task GivenContentThatCannotBeRead_WhenScanned_ThenItIsNotScannable()
    {
        using SignatureFiles files = new();
        SignatureEngine engine = SignatureEngine.Load(null);

        // A directory opens like a file, and reading it fails (read(2), EISDIR).
        Verdict verdict = await SignatureFiles.ScanAsync(engine, files.Lists, 4096);

        Assert.Equal(Verdict.NotScannable(FailureReason.NotReadable), verdict);
    }

    [Fact(Timeout = 60_000)]
    public async Task GivenOneEngine_WhenOneHundredScansRunAtOnce_ThenEachHasItsOwnVerdict()
    {
        using SignatureFiles files = new();
        byte[][] contents = [.. Enumerable.Range(0, 20).Select(i => SignatureFiles.Content(1 + (i * 20_000), seed: i))];
        files.WriteList(
            "a.hsb",
            string.Concat(contents.Where((_, i) => i % 2 == 0)
                .Select(content => $"{SignatureFiles.Sha256(content)}:{content.Length}:Name.{content.Length}\n")));
        SignatureEngine engine = SignatureEngine.Load(files.Lists, problem => Assert.Fail(problem.ToString()));
        string[] paths = [.. contents.Select(files.WriteContent)];

        Verdict[] verdicts = await Task.WhenAll(Enumerable.Range(0, 100).Select(i => Task.Run(
            () => SignatureFiles.ScanAsync(engine, paths[i % 20], contents[i % 20].Length),
            TestContext.Current.CancellationToken)));

        for (int i = 0; i < verdicts.Length; i++)
        {
            Verdict expected = i % 2 == 0 ? Verdict.Infected($"Name.{contents[i % 20].Length}") : Verdict.Clean;
            Assert.Equal(expected, verdicts[i]);
        }
    }

    [Theory(Timeout = 10_000)]
    [InlineData(100, 100)]
    [InlineData(100, 99)]
    [InlineData(5_000, 5_000)]
    [InlineData(5_000, 4_999)]
    [InlineData(5_000_000, 1)]
    public Task GivenCleanContent_WhenScannedAtOnce_ThenNothingIsAllocated(int length, long signatureSize) => Blocking.Run(() =>
    {
        using SignatureFiles files = new();
        foreach (int digits in (int[])[32, 40, 64])
        {
            files.WriteList($"{digits}.hsb", $"{new string('0', digits)}:{signatureSize}:Name\n");
        }

        SignatureEngine engine = SignatureEngine.Load(files.Lists);
        using Descriptor file = Descriptor.OpenRead(files.WriteContent(SignatureFiles.Content(length)));
        ScanTarget target = new(file.Content, length);
        ScanMany(engine, target, 100);
        long before = GC.GetAllocatedBytesForCurrentThread();

        ScanMany(engine, target, 1_000);

        // Less than a byte for each scan: the pool may hand out a new buffer after a collection.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 999 + (128 * 1024));
    });

    private static void ScanMany(SignatureEngine engine, ScanTarget target, int count)
    {
        for (int i = 0; i < count; i++)
        {
            ValueTask<Verdict> scan = engine.ScanAsync(target, CancellationToken.None);
            if (!scan.IsCompletedSuccessfully || scan.Result.Kind != VerdictKind.Clean)
            {
                Assert.Fail("not answered at once, or not clean");
            }
        }
    }

    private static void ResizeUntil(string path, CancellationToken stop)
    {
        using FileStream file = File.OpenWrite(path);
        Random random = new(1);
        while (!stop.IsCancellationRequested)
        {
            file.SetLength(random.Next(0, 800_000));
        }
    }
}
