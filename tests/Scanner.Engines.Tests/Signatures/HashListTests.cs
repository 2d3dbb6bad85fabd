using System.Text;
using Scanner.Core.Scanning;
using Scanner.Engines.Signatures;
using Scanner.Testing;

namespace Scanner.Engines.Tests.Signatures;

/// <summary>What well-formed lists make the engine find.</summary>
public sealed class HashListTests
{
    // In one read, in one block, and in several pieces.
    public static TheoryData<int> Lengths => new(1, 128, 129, 5_000, 65_535, 65_536, 65_537, 131_072, 1_000_000);

    [Theory(Timeout = 20_000)]
    [MemberData(nameof(Lengths))]
    public async Task GivenHashOfEachKind_WhenContentIsScanned_ThenItIsFound(int length)
    {
        byte[] content = SignatureFiles.Content(length);
        string[] hashes = [SignatureFiles.Md5(content), SignatureFiles.Sha1(content), SignatureFiles.Sha256(content)];
        foreach (string hash in hashes)
        {
            foreach (string size in (string[])[$"{length}:Test.Name", "*:Test.Name:73", $"{length}:Test.Name:1:9999"])
            {
                using SignatureFiles files = new();
                files.WriteList(hash.Length == 32 ? "a.hdb" : "a.hsb", $"{hash}:{size}\n");
                SignatureEngine engine = LoadWithoutProblems(files);

                Assert.Equal(1, engine.Count);
                Assert.Equal(Verdict.Infected("Test.Name"), await files.ScanAsync(engine, content));
                Assert.Equal(Verdict.Clean, await files.ScanAsync(engine, SignatureFiles.Content(length, seed: 2)));
                Assert.Equal(Verdict.Clean, await files.ScanAsync(engine, [.. content, 0]));
            }
        }
    }

    [Fact(Timeout = 10_000)]
    public async Task GivenEmptyContent_WhenScanned_ThenItIsOrdinary()
    {
        using SignatureFiles files = new();
        Assert.Equal(Verdict.Clean, await files.ScanAsync(SignatureEngine.Load(null), []));

        files.WriteList("empty.hdb", $"{SignatureFiles.Md5([])}:0:Empty");

        Assert.Equal(Verdict.Infected("Empty"), await files.ScanAsync(LoadWithoutProblems(files), []));
    }

    [Fact(Timeout = 10_000)]
    public async Task GivenRightHashWithAnotherSize_WhenScanned_ThenItIsClean()
    {
        using SignatureFiles files = new();
        byte[] content = SignatureFiles.Content(1000);
        files.WriteList("a.hdb", $"{SignatureFiles.Md5(content)}:1001:Name\n{new string('0', 32)}:1000:Other\n");

        Assert.Equal(Verdict.Clean, await files.ScanAsync(LoadWithoutProblems(files), content));
    }

    [Fact(Timeout = 10_000)]
    public async Task GivenListAsEditorsLeaveIt_WhenLoaded_ThenEveryEntryIsRead()
    {
        using SignatureFiles files = new();
        byte[] first = SignatureFiles.Content(10, seed: 1);
        byte[] last = SignatureFiles.Content(20, seed: 2);
        string firstLine = $"{SignatureFiles.Md5(first).ToUpperInvariant()}:10:First";
        string lastLine = $"{SignatureFiles.Md5(last)}:20:Last";
        files.WriteList("a.HDB", $"\uFEFF{firstLine}\r\n\r\n# comment\r\n  \n{lastLine}");
        SignatureEngine engine = LoadWithoutProblems(files);

        Assert.Equal(2, engine.Count);
        Assert.Equal(Verdict.Infected("First"), await files.ScanAsync(engine, first));
        Assert.Equal(Verdict.Infected("Last"), await files.ScanAsync(engine, last));
    }

    [Fact(Timeout = 10_000)]
    public async Task GivenSameContentInSeveralLists_WhenScanned_ThenTheStrongestHashAndTheFirstListNameIt()
    {
        using SignatureFiles files = new();
        byte[] content = SignatureFiles.Content(10);
        files.WriteList("b.hdb", $"{SignatureFiles.Md5(content)}:10:Md5.Second");
        files.WriteList("a.hdb", $"{SignatureFiles.Md5(content)}:10:Md5.First");
        Assert.Equal(Verdict.Infected("Md5.First"), await files.ScanAsync(LoadWithoutProblems(files), content));

        files.WriteList("c.hsb", $"{SignatureFiles.Sha256(content)}:10:Sha256");
        SignatureEngine engine = LoadWithoutProblems(files);

        Assert.Equal(2, engine.Count);
        Assert.Equal(Verdict.Infected("Sha256"), await files.ScanAsync(engine, content));
    }

    [Fact(Timeout = 10_000)]
    public Task GivenEntriesForOtherFunctionalityLevels_WhenLoaded_ThenTheyAreSkippedSilently() => Blocking.Run(() =>
    {
        using SignatureFiles files = new();
        string hash = SignatureFiles.Md5([1]);
        files.WriteList("a.hdb", $"{hash}:1:TooNew:4000000000\n{hash}:2:TooOld:10:20\n{hash}:3:Ours:73:4294967295\n");

        Assert.Equal(1, LoadWithoutProblems(files).Count);
    });

    [Fact(Timeout = 10_000)]
    public Task GivenOtherFilesInTheDirectory_WhenLoaded_ThenOnlyHashListsAreRead() => Blocking.Run(() =>
    {
        using SignatureFiles files = new();
        string line = $"{SignatureFiles.Md5([1])}:1:Name\n";
        foreach (string name in (string[])["a.hdu", "a.hsu", "a.ndb", "hdb", "a.hdb.bak", "a.hdb~"])
        {
            files.WriteList(name, line);
        }

        Directory.CreateDirectory(Path.Combine(files.Lists, "below.hdb"));
        File.WriteAllText(Path.Combine(files.Lists, "below.hdb", "b.hdb"), line);
        Assert.Equal(0, LoadWithoutProblems(files).Count);

        File.CreateSymbolicLink(Path.Combine(files.Lists, "link.hdb"), Path.Combine(files.Lists, "a.hdu"));
        Assert.Equal(1, LoadWithoutProblems(files).Count);
    });

    [Fact(Timeout = 10_000)]
    public Task GivenTheSameSignatures_WhenLoadedAgain_ThenTheEpochIsTheSame() => Blocking.Run(() =>
    {
        using SignatureFiles files = new();
        string one = $"{SignatureFiles.Md5([1])}:1:One";
        string two = $"{SignatureFiles.Sha256([2])}:1:Two";
        string none = SignatureEngine.Load(null).Epoch.Name;
        Assert.Equal(none, LoadWithoutProblems(files).Epoch.Name);

        files.WriteList("a.hdb", $"{one}\n{two}\n");
        string both = LoadWithoutProblems(files).Epoch.Name;
        Assert.Equal(both, LoadWithoutProblems(files).Epoch.Name);
        files.WriteList("a.hdb", $"# reordered\n{two}\n{one}\n{one}\n");
        Assert.Equal(both, LoadWithoutProblems(files).Epoch.Name);

        files.WriteList("a.hdb", $"{one}\n{two}x\n");
        string renamed = LoadWithoutProblems(files).Epoch.Name;
        files.WriteList("a.hdb", one);
        string fewer = LoadWithoutProblems(files).Epoch.Name;

        Assert.Equal(4, new HashSet<string>([none, both, renamed, fewer]).Count);
        Assert.StartsWith("builtin-1", both, StringComparison.Ordinal);
    });

    [Fact(Timeout = 20_000)]
    public async Task GivenManyEntries_WhenScanned_ThenEachIsFoundUnderItsName()
    {
        using SignatureFiles files = new();
        StringBuilder list = new();
        for (int i = 0; i < 5_000; i++)
        {
            byte[] content = BitConverter.GetBytes(i);
            string hash = (i % 3) switch
            {
                0 => SignatureFiles.Md5(content),
                1 => SignatureFiles.Sha1(content),
                _ => SignatureFiles.Sha256(content),
            };
            list.Append(hash).Append(":4:Name.").Append(i).Append('\n');
        }

        files.WriteList("a.hsb", list.ToString());
        SignatureEngine engine = LoadWithoutProblems(files);

        Assert.Equal(5_000, engine.Count);
        for (int i = 0; i < 5_000; i += 7)
        {
            Assert.Equal(Verdict.Infected($"Name.{i}"), await files.ScanAsync(engine, BitConverter.GetBytes(i)));
        }

        Assert.Equal(Verdict.Clean, await files.ScanAsync(engine, BitConverter.GetBytes(5_000)));
    }

    private static SignatureEngine LoadWithoutProblems(SignatureFiles files) =>
        SignatureEngine.Load(files.Lists, problem => Assert.Fail(problem.ToString()));
}
