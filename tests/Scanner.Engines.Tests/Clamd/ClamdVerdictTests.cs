using Scanner.Core.Scanning;
using Scanner.Engines.Clamd;
using Scanner.Journal;
using Scanner.Linux;
using Scanner.Testing;
using Scanner.Testing.Clamd;

namespace Scanner.Engines.Tests.Clamd;

/// <summary>What the real clamd finds, and what it cannot read.</summary>
public sealed class ClamdVerdictTests
{
    [Fact(Timeout = 60_000)]
    public async Task GivenSamples_WhenScanned_ThenEachHasItsVerdict()
    {
        await using ClamdServer server = await ClamdServer.StartAsync();
        await using ClamdEngine engine = Engines.Start(server.SocketPath);

        Assert.Equal(Engines.Eicar, await engine.JudgeAsync(server.Write("eicar", ClamdSamples.Eicar)));
        Assert.Equal(
            Verdict.Infected(ClamdSamples.HashedName),
            await engine.JudgeAsync(server.Write("hash", ClamdSamples.Hashed)));
        Assert.Equal(Verdict.Clean, await engine.JudgeAsync(server.Write("clean", ClamdSamples.Clean(4096, 1))));
        Assert.Equal(Verdict.Clean, await engine.JudgeAsync(server.Write("empty", [])));
        Assert.Equal("clamd", engine.Name);
        Assert.StartsWith("ClamAV ", engine.Epoch.Name, StringComparison.Ordinal);
    }

    [Theory(Timeout = 60_000)]
    [InlineData(6)]
    [InlineData(20)]
    [InlineData(90)]
    public async Task GivenEicarAtTheEndOfALargeFile_WhenScanned_ThenItIsFound(int mebibytes)
    {
        await using ClamdServer server = await ClamdServer.StartAsync();
        await using ClamdEngine engine = Engines.Start(server.SocketPath);
        string path = server.Write("large", ClamdSamples.WithEicarAtEnd(mebibytes << 20));

        Assert.Equal(Engines.Eicar, await engine.JudgeAsync(path));
    }

    [Fact(Timeout = 60_000)]
    public async Task GivenArchives_WhenScanned_ThenWhatTheyHoldIsFound()
    {
        await using ClamdServer server = await ClamdServer.StartAsync();
        await using ClamdEngine engine = Engines.Start(server.SocketPath);
        string eicar = server.Write("eicar", ClamdSamples.Eicar);
        string tar = Path.Combine(server.FilesDirectory, "a.tar.gz");
        Tool.Run("tar", "-C", server.FilesDirectory, "-czf", tar, "eicar");
        string zip = Path.Combine(server.FilesDirectory, "a.zip");
        System.IO.Compression.ZipFile.CreateFromDirectory(
            Directory.CreateDirectory(Path.Combine(server.Root, "zipped")).FullName, zip);
        using (System.IO.Compression.ZipArchive archive = System.IO.Compression.ZipFile.Open(
            zip, System.IO.Compression.ZipArchiveMode.Update))
        {
            using Stream entry = archive.CreateEntry("eicar").Open();
            entry.Write(ClamdSamples.Eicar);
        }

        Assert.Equal(Engines.Eicar, await engine.JudgeAsync(eicar));
        Assert.Equal(Engines.Eicar, await engine.JudgeAsync(tar));
        Assert.Equal(Engines.Eicar, await engine.JudgeAsync(zip));
        if (!File.Exists("/usr/bin/7z"))
        {
            Requires.Lacking("needs 7z (Debian: p7zip-full)");
        }

        string seven = Path.Combine(server.FilesDirectory, "a.7z");
        Tool.Run("7z", "a", seven, eicar);
        Assert.Equal(Engines.Eicar, await engine.JudgeAsync(seven));
    }

    [Fact(Timeout = 120_000)]
    public async Task GivenAllFormsOfTheTestFile_WhenScanned_ThenNoneIsCalledClean()
    {
        if (!Directory.Exists(ClamdSamples.TestFilesDirectory))
        {
            Requires.Lacking("needs Debian's clamav-testfiles");
        }

        // Not unpacked by clamd itself without its official database, which says what to look for inside.
        await using ClamdServer server = await ClamdServer.StartAsync();
        await using ClamdEngine engine = Engines.Start(server.SocketPath);
        List<string> notFound = [];
        foreach (string path in Directory.GetFiles(ClamdSamples.TestFilesDirectory).Order())
        {
            Verdict verdict = await engine.JudgeAsync(path);
            string said = await server.AskAsync($"SCAN {path}");
            bool isInfected = verdict.Kind == VerdictKind.Infected;
            Assert.Equal(said.EndsWith(" FOUND", StringComparison.Ordinal), isInfected);
            if (!isInfected)
            {
                notFound.Add(Path.GetFileName(path));
            }
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"not found by clamd: {string.Join(' ', notFound)}");
    }

    [Fact(Timeout = 60_000)]
    public async Task GivenDescriptorThatCannotBeRead_WhenScanned_ThenItIsNotReadable()
    {
        await using ClamdServer server = await ClamdServer.StartAsync();
        await using ClamdEngine engine = Engines.Start(server.SocketPath);
        string path = server.Write("eicar", ClamdSamples.Eicar);
        Verdict notReadable = Verdict.NotScannable(FailureReason.NotReadable);

        using Descriptor place = Descriptor.OpenPath(path);
        Assert.Equal(notReadable, await engine.ScanAsync(
            new ScanTarget(place.Content, 68), TestContext.Current.CancellationToken));
        using (FileStream writer = new(path, FileMode.Open, FileAccess.Write))
        {
            using Descriptor written = Descriptor.Inherited((int)writer.SafeFileHandle.DangerousGetHandle());
            Assert.Equal(notReadable, await engine.ScanAsync(
                new ScanTarget(written.Content, 68), TestContext.Current.CancellationToken));
            writer.SafeFileHandle.SetHandleAsInvalid();
        }

        Assert.Equal(notReadable, await engine.JudgeAsync(server.FilesDirectory, 4096));
        Assert.Equal(notReadable, await engine.JudgeAsync("/dev/zero", 0));
    }

    [Fact(Timeout = 120_000)]
    public async Task GivenAThousandScans_WhenAsManyAreAskedForAsClamdTakes_ThenEachHasItsOwnAnswer()
    {
        await using ClamdServer server = await ClamdServer.StartAsync();
        await using ClamdEngine engine = Engines.Start(server.SocketPath);
        for (int i = 0; i < 20; i++)
        {
            byte[] content = ClamdSamples.Clean(1000 + (i * 700), i);
            ClamdSamples.AddSignature(server.DatabaseDirectory, $"Number.{i}", content);
            server.Write($"{i}", content);
        }

        await server.RestartAsync();
        for (int i = 20; i < 40; i++)
        {
            server.Write($"{i}", ClamdSamples.Clean(2000, i));
        }

        // That clamd was away may be noticed only now, and for a moment.
        string first = Path.Combine(server.FilesDirectory, "0");
        for (int tries = 0; tries < 100 && (await engine.JudgeAsync(first)).Signature is null; tries++)
        {
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }

        Verdict[] verdicts = new Verdict[1_000];
        await Parallel.ForAsync(
            0,
            verdicts.Length,
            new ParallelOptions
            {
                MaxDegreeOfParallelism = engine.Concurrency,
                CancellationToken = TestContext.Current.CancellationToken,
            },
            async (i, _) => verdicts[i] = await engine.JudgeAsync(Path.Combine(server.FilesDirectory, $"{i % 40}")));

        for (int i = 0; i < verdicts.Length; i++)
        {
            Assert.Equal(i % 40 < 20 ? Verdict.Infected($"Number.{i % 40}.UNOFFICIAL") : Verdict.Clean, verdicts[i]);
        }
    }
}
