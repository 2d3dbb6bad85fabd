using System.Diagnostics;
using System.Text;
using Scanner.Core.Scanning;
using Scanner.Engines.Signatures;
using Scanner.Testing;

namespace Scanner.Engines.Tests.Signatures;

/// <summary>Lists that are malformed by accident or on purpose, and lists that cannot be read.</summary>
public sealed class DamagedListTests
{
    private const string Md5 = "0123456789abcdef0123456789abcdef";

    public static TheoryData<string> MalformedLines => new(
        "nonsense",
        ":::",
        $"{Md5}",
        $"{Md5}:5",
        $"{Md5}:5:",
        $":5:Name",
        $"{Md5}0:5:Name",
        $"{Md5[1..]}:5:Name",
        $"{Md5}{Md5}{Md5}:5:Name",
        $"{Md5[1..]}g:5:Name",
        $"{Md5[1..]}é:5:Name",
        $"{Md5}:-1:Name",
        $"{Md5}:+1:Name",
        $"{Md5}: 1:Name",
        $"{Md5}:1 :Name",
        $"{Md5}:0x10:Name",
        $"{Md5}:1,000:Name",
        $"{Md5}::Name",
        $"{Md5}:9223372036854775808:Name",
        $"{Md5}:99999999999999999999999999999999:Name",
        $"{Md5}:*:Name",
        $"{Md5}:*:Name:72",
        $"{Md5}:**:Name:73",
        $"{Md5}:5:Name:",
        $"{Md5}:5:Name:x",
        $"{Md5}:5:Name:73:-1",
        $"{Md5}:5:Name:73:99:1",
        $"{Md5}:5:Na\0me",
        $"{Md5}:5\0:Name",
        $"\0{Md5}:5:Name",
        $"{Md5}:5:\u001b[2JName",
        "\0\0\0\0");

    [Theory(Timeout = 10_000)]
    [MemberData(nameof(MalformedLines))]
    public async Task GivenMalformedLine_WhenLoaded_ThenItIsReportedAndTheOthersAreRead(string line)
    {
        using SignatureFiles files = new();
        byte[] content = SignatureFiles.Content(5);
        string path = files.WriteList("a.hdb", $"# list\n{line}\n{SignatureFiles.Md5(content)}:5:Good\n");
        List<SignatureProblem> problems = [];

        SignatureEngine engine = SignatureEngine.Load(files.Lists, problems.Add);

        SignatureProblem problem = Assert.Single(problems);
        Assert.Equal(path, problem.File);
        Assert.Equal(2, problem.Line);
        Assert.NotEmpty(problem.What);
        Assert.Equal(1, engine.Count);
        Assert.Equal(Verdict.Infected("Good"), await files.ScanAsync(engine, content));
    }

    [Fact(Timeout = 10_000)]
    public async Task GivenNameThatIsNotUtf8_WhenContentIsFound_ThenTheNameIsLossyAndNothingFails()
    {
        using SignatureFiles files = new();
        byte[] content = SignatureFiles.Content(5);
        byte[] start = Encoding.ASCII.GetBytes($"{SignatureFiles.Md5(content)}:5:Bad");
        files.WriteList("a.hdb", [.. start, 0xFF, 0xC3, (byte)'!', (byte)'\n']);

        SignatureEngine engine = SignatureEngine.Load(files.Lists, problem => Assert.Fail(problem.ToString()));

        Assert.Equal(Verdict.Infected("Bad\uFFFD\uFFFD!"), await files.ScanAsync(engine, content));
    }

    [Theory(Timeout = 20_000)]
    [InlineData(8_193)]
    [InlineData(65_536)]
    [InlineData(10_000_000)]
    public async Task GivenVeryLongLine_WhenLoaded_ThenOnlyItIsSkipped(int length)
    {
        using SignatureFiles files = new();
        byte[] first = SignatureFiles.Content(5, seed: 1);
        byte[] last = SignatureFiles.Content(5, seed: 2);
        string longLine = $"{Md5}:5:{new string('n', length)}"[..length];
        files.WriteList(
            "a.hdb",
            $"{SignatureFiles.Md5(first)}:5:First\n{longLine}\n{SignatureFiles.Md5(last)}:5:Last\n{longLine}");
        List<SignatureProblem> problems = [];

        SignatureEngine engine = SignatureEngine.Load(files.Lists, problems.Add);

        Assert.Equal([2L, 4L], problems.Select(problem => problem.Line));
        Assert.Equal(2, engine.Count);
        Assert.Equal(Verdict.Infected("First"), await files.ScanAsync(engine, first));
        Assert.Equal(Verdict.Infected("Last"), await files.ScanAsync(engine, last));
    }

    [Fact(Timeout = 10_000)]
    public async Task GivenLongestLineAllowed_WhenLoaded_ThenItIsRead()
    {
        using SignatureFiles files = new();
        byte[] content = SignatureFiles.Content(5);
        string start = $"{SignatureFiles.Md5(content)}:5:";
        string name = new('n', 8192 - start.Length);

        // Many lines of that length, so that some lie across the reader's blocks.
        files.WriteList("a.hdb", string.Join('\n', Enumerable.Repeat(start + name, 50)));
        SignatureEngine engine = SignatureEngine.Load(files.Lists, problem => Assert.Fail(problem.ToString()));

        Assert.Equal(1, engine.Count);
        Assert.Equal(Verdict.Infected(name), await files.ScanAsync(engine, content));
    }

    [Fact(Timeout = 10_000)]
    public Task GivenOneMillionMalformedLines_WhenLoaded_ThenFewAreReportedAndTheRestCounted() => Blocking.Run(() =>
    {
        using SignatureFiles files = new();
        files.WriteList("a.hdb", string.Concat(Enumerable.Repeat("x\n", 1_000_000)));
        List<SignatureProblem> problems = [];
        long before = GC.GetAllocatedBytesForCurrentThread();

        SignatureEngine engine = SignatureEngine.Load(files.Lists, problems.Add);

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 2_000_000);
        Assert.Equal(0, engine.Count);
        Assert.Equal(21, problems.Count);
        Assert.Equal(21, problems[^1].Line);
        Assert.Contains("999980", problems[^1].What, StringComparison.Ordinal);
    });

    [Fact(Timeout = 20_000)]
    public async Task GivenRandomBytes_WhenLoaded_ThenNothingIsReadAndNothingFails()
    {
        using SignatureFiles files = new();
        files.WriteList("a.hdb", SignatureFiles.Content(1_000_000));
        files.WriteList("b.hsb", new byte[1_000_000]);
        files.WriteList("c.hsb", []);

        SignatureEngine engine = SignatureEngine.Load(files.Lists);

        Assert.Equal(0, engine.Count);
        Assert.Equal(Verdict.Clean, await files.ScanAsync(engine, SignatureFiles.Content(1000)));
    }

    [Fact(Timeout = 10_000)]
    public async Task GivenFifoAndDeviceNamedLikeLists_WhenLoaded_ThenTheyAreReportedAndNotRead()
    {
        using SignatureFiles files = new();
        using Process mkfifo = Process.Start("mkfifo", [Path.Combine(files.Lists, "fifo.hdb")]);
        await mkfifo.WaitForExitAsync(TestContext.Current.CancellationToken);
        File.CreateSymbolicLink(Path.Combine(files.Lists, "zero.hdb"), "/dev/zero");
        List<SignatureProblem> problems = [];

        SignatureEngine engine = await Task.Run(
            () => SignatureEngine.Load(files.Lists, problems.Add), TestContext.Current.CancellationToken);

        Assert.Equal(0, engine.Count);
        Assert.Equal(["fifo.hdb", "zero.hdb"], problems.Select(problem => Path.GetFileName(problem.File)));
    }

    [Fact(Timeout = 10_000)]
    public Task GivenListThatCannotBeOpened_WhenLoaded_ThenTheErrorNamesIt() => Blocking.Run(() =>
    {
        using SignatureFiles files = new();
        string link = Path.Combine(files.Lists, "gone.hdb");
        File.CreateSymbolicLink(link, "/nonexistent/list.hdb");

        SignatureListException error =
            Assert.Throws<SignatureListException>(() => SignatureEngine.Load(files.Lists));

        Assert.Equal(link, error.Path);
        Assert.Contains(link, error.Message, StringComparison.Ordinal);
    });

    [Fact(Timeout = 10_000)]
    public Task GivenDirectoryThatCannotBeRead_WhenLoaded_ThenTheErrorNamesIt() => Blocking.Run(() =>
    {
        using SignatureFiles files = new();
        string notDirectory = files.WriteContent([1]);

        Assert.Equal(
            "/nonexistent/lists",
            Assert.Throws<SignatureListException>(() => SignatureEngine.Load("/nonexistent/lists")).Path);
        Assert.Equal(
            notDirectory,
            Assert.Throws<SignatureListException>(() => SignatureEngine.Load(notDirectory)).Path);
        Assert.Throws<SignatureListException>(() => SignatureEngine.Load(""));
    });
}
