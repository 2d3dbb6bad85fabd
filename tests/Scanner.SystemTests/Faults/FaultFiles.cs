using System.Text;
using Scanner.SystemTests.Access;
using Scanner.SystemTests.Cached;
using Scanner.SystemTests.Fixtures;
using Scanner.SystemTests.Openers;
using Scanner.Testing.Clamd;

namespace Scanner.SystemTests.Faults;

/// <summary>Clean files, infected files, and files that turn from one to the other while they are opened.</summary>
/// <remarks>Made before anybody watches them.</remarks>
internal sealed class FaultFiles
{
    private const int Size = 4096;
    private const int Contents = 16;

    /// <summary>What no run takes, seconds.</summary>
    private const int Longest = 270;

    /// <summary>How long openers may take to end, beyond a second, before they count as hung, seconds.</summary>
    private const int Grace = 10;

    /// <summary>Those that never turn, of each kind.</summary>
    private const int Fixed = 40;

    /// <summary>
    /// Those that everybody can write, on which leases are kept. After somebody wanted to write one it is left alone
    /// for 10 s, so they are many.
    /// </summary>
    private const int Shared = 1_200;

    /// <summary>Those that only root can write, about which the kernel need not ask.</summary>
    private const int RootsOwn = 100;

    private const int Processes = 12;

    /// <summary>Until every opener knows that it is not judged any more.</summary>
    private static readonly TimeSpan _told = TimeSpan.FromMilliseconds(100);

    private readonly LoopMount _mount;

    private FaultFiles(LoopMount mount) => _mount = mount;

    /// <summary>A list of files with the infected contents that are in use.</summary>
    public string Infected => _mount.Work.In("infected");

    /// <summary>Hash lists that know the infected contents.</summary>
    public string Signatures => _mount.Work.In("hashes");

    /// <summary>A file that never turns.</summary>
    public string Clean => _mount.In("c0");

    private string List => _mount.Work.In("list");

    private string Wrong => _mount.Work.In("wrong");

    public IReadOnlyList<WrongAnswer> WrongAnswers => WrongAnswer.Read(Wrong);

    public static FaultFiles Create(LoopMount mount)
    {
        FaultFiles files = new(mount);
        string contents = mount.Work.Subdirectory("contents");
        string[] infected = [.. Enumerable.Range(0, Contents).Select(i => Path.Combine(contents, $"{i}"))];
        for (int i = 0; i < Contents; i++)
        {
            File.WriteAllBytes(infected[i], ClamdSamples.WithEicarAtEnd(Size, i));
        }

        File.WriteAllLines(files.Infected, infected);
        mount.Work.Subdirectory("hashes");
        File.WriteAllLines(
            Path.Combine(files.Signatures, "infected.hsb"),
            infected.Select(path => ChangedContent.Signature(File.ReadAllBytes(path))));
        List<string> lines = [];
        for (int i = 0; i < Fixed + Shared + RootsOwn; i++)
        {
            char kind = i >= Fixed + Shared ? 'r' : i >= Fixed ? 't' : 'c';
            lines.Add(Put(mount, kind, i, Samples.CleanText));
        }

        for (int i = 0; i < Fixed; i++)
        {
            lines.Add(Put(mount, 'i', i, ClamdSamples.WithEicarAtEnd(Size, i % Contents)));
        }

        File.WriteAllLines(files.List, lines);
        File.WriteAllText(files.Wrong, "");
        return files;
    }

    /// <summary>Has many processes open the files and turn them while something is done.</summary>
    /// <param name="seed">For their random numbers.</param>
    /// <param name="meanwhile">What is done.</param>
    /// <param name="atTheEnd">What is done beside the last opens, which are not judged any more.</param>
    public async Task<LoadResult> LoadAsync(int seed, Func<Task> meanwhile, Func<Task>? atTheEnd = null)
    {
        using Opener load = Opener.Start(
            TimeSpan.FromSeconds(Longest + Grace + 10),
            "turn", $"{Processes}", $"{Longest}", List, Infected, $"{Grace}", $"{seed}", Wrong);
        await load.BegunAsync();
        await meanwhile();
        Signals.User1(load.Id);
        await Task.Delay(_told, TestContext.Current.CancellationToken);
        await (atTheEnd?.Invoke() ?? Task.CompletedTask);
        return LoadResult.From(await load.ResultAsync());
    }

    /// <summary>Has the hash lists know one more content, which no file has.</summary>
    public void AddSignature(string name) =>
        File.WriteAllText(
            Path.Combine(Signatures, $"{name}.hsb"), ChangedContent.Signature(Encoding.UTF8.GetBytes(name)) + "\n");

    private static string Put(LoopMount mount, char kind, int number, byte[] content)
    {
        string path = mount.In($"{kind}{number}");
        File.WriteAllBytes(path, content);
        File.SetUnixFileMode(path, (UnixFileMode)(kind == 't' ? 0b110_110_110 : 0b110_100_100));
        return $"{kind} {path}";
    }
}
