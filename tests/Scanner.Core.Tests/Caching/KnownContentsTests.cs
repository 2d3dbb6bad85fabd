using System.Security.Cryptography;
using Scanner.Core.Caching;
using Scanner.Core.Scanning;
using Scanner.Core.Tests.Fixtures;
using Scanner.Journal;
using Scanner.Linux;

namespace Scanner.Core.Tests.Caching;

/// <summary>An engine is asked once for each content, and only for what it can be asked about.</summary>
public sealed class KnownContentsTests : IDisposable
{
    private const int Size = 5_000;

    private readonly string _directory = Directory.CreateTempSubdirectory("scanner-contents-").FullName;
    private readonly EpochEngine _engine = new();
    private readonly KnownContents _contents;

    public KnownContentsTests() =>
        _contents = new KnownContents(_engine, new KnownVerdicts(_engine, new NoStore(), isOn: true), new NoStore());

    [Fact(Timeout = 10_000)]
    public async Task GivenTwoFilesOfTheSameContent_WhenScanned_ThenTheEngineSeesItOnce()
    {
        byte[] content = RandomNumberGenerator.GetBytes(Size);
        _engine.Verdict = Verdict.Infected("Test.Signature");

        Assert.Equal(_engine.Verdict, await ScanAsync(Write("first", content)));
        Assert.Equal(_engine.Verdict, await ScanAsync(Write("second", content)));

        Assert.Equal([content], _engine.Scanned);
        Assert.Equal((1, 1), (_contents.Hits, _contents.Misses));
    }

    [Fact(Timeout = 10_000)]
    public async Task GivenFilesOfEqualSize_WhenTheirContentDiffersInOneBit_ThenBothAreScanned()
    {
        byte[] content = RandomNumberGenerator.GetBytes(Size);
        await ScanAsync(Write("first", content));
        content[Size - 1] ^= 1;
        await ScanAsync(Write("second", content));

        Assert.Equal(2, _engine.Scanned.Count);
    }

    [Fact(Timeout = 10_000)]
    public async Task GivenAFileThatChangesDuringItsScan_WhenTheOldContentComesBack_ThenTheVerdictIsOnWhatWasScanned()
    {
        byte[] old = RandomNumberGenerator.GetBytes(Size);
        byte[] changed = RandomNumberGenerator.GetBytes(Size);
        string file = Write("file", old);
        _engine.OnScan = () => File.WriteAllBytes(file, changed);
        await ScanAsync(file);
        _engine.OnScan = () => { };
        _engine.Verdict = Verdict.Infected("Test.Signature");

        Assert.Equal(_engine.Verdict, await ScanAsync(file));
        Assert.Equal(Verdict.Clean, await ScanAsync(Write("copy", old)));
        Assert.Equal([old, changed], _engine.Scanned);
    }

    [Theory(Timeout = 10_000)]
    [InlineData("2", true)]
    [InlineData("1", false)]
    public async Task GivenOtherSignatures_WhenTheContentComesAgain_ThenItIsScannedAgain(string name, bool isSettled)
    {
        string file = Write("file", RandomNumberGenerator.GetBytes(Size));
        _engine.OnScan = () => _engine.Epoch = new EngineEpoch(name, isSettled);
        await ScanAsync(file);
        await ScanAsync(file);

        Assert.Equal(2, _engine.Scanned.Count);
    }

    [Fact(Timeout = 10_000)]
    public async Task GivenWhatCouldNotBeScanned_WhenTheContentComesAgain_ThenItIsScannedAgain()
    {
        string file = Write("file", RandomNumberGenerator.GetBytes(Size));
        _engine.Verdict = Verdict.NotScannable(FailureReason.EngineError);
        await ScanAsync(file);
        _engine.Verdict = Verdict.Clean.By("another");
        await ScanAsync(file);
        await ScanAsync(file);

        Assert.Equal(3, _engine.Scanned.Count);
    }

    [Fact(Timeout = 10_000)]
    public async Task GivenAFileOfAServer_WhenScanned_ThenItIsNeitherCopiedNorKept()
    {
        string file = Write("file", RandomNumberGenerator.GetBytes(Size));
        await ScanAsync(file, VersionTrust.None);
        await ScanAsync(file, VersionTrust.None);

        Assert.Equal(2, _engine.Scanned.Count);
        Assert.Equal((0, 0), (_contents.Hits, _contents.Misses));
    }

    [Fact(Timeout = 30_000)]
    public async Task GivenAFileThatIsTooLargeToCopy_WhenScanned_ThenTheFileItselfIs()
    {
        string file = Write("file", []);
        using (FileStream large = File.OpenWrite(file))
        {
            large.SetLength(KnownContents.LargestCopy + 1);
        }

        Assert.Equal(Verdict.Clean, await ScanAsync(file));

        Assert.Equal(1, _contents.Uncopied);
        Assert.Single(_engine.Scanned);
    }

    [Fact(Timeout = 10_000)]
    public async Task GivenFilesThatHang_WhenTheirScansAreGivenUp_ThenOthersAreScannedBesideThem()
    {
        using HangingStore store = new();
        using KnownContents contents = new(_engine, new KnownVerdicts(_engine, store, isOn: true), store);
        using CancellationTokenSource deadline = new();
        using Descriptor file = Descriptor.OpenRead(Write("file", [1]));
        ScanTarget hanging = new(file.Content, 1) { Trust = VersionTrust.Version, StoredVersion = Versions.Of(1) };
        Task<Verdict>[] scans = [.. Enumerable.Range(0, _engine.Concurrency).Select(
            _ => contents.ScanAsync(hanging, deadline.Token).AsTask())];

        await UntilAsync(() => store.Hanging == scans.Length);
        await deadline.CancelAsync();
        await UntilAsync(() => contents.Concurrency == 2 * _engine.Concurrency);

        Assert.Equal(Verdict.Clean, await contents.ScanAsync(
            new ScanTarget(file.Content, 1) { Trust = VersionTrust.Content }, TestContext.Current.CancellationToken));
        store.Dispose();
        foreach (Task<Verdict> scan in scans)
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => scan);
        }

        await UntilAsync(() => contents.Concurrency == _engine.Concurrency);
    }

    public void Dispose()
    {
        _contents.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    private static async Task UntilAsync(Func<bool> isSo)
    {
        while (!isSo())
        {
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }
    }

    private string Write(string name, byte[] content)
    {
        string path = Path.Combine(_directory, name);
        File.WriteAllBytes(path, content);
        return path;
    }

    private async Task<Verdict> ScanAsync(string path, VersionTrust trust = VersionTrust.Content)
    {
        using Descriptor file = Descriptor.OpenRead(path);
        ScanTarget target = new(file.Content, new FileInfo(path).Length) { Trust = trust };
        return await _contents.ScanAsync(target, TestContext.Current.CancellationToken);
    }
}
