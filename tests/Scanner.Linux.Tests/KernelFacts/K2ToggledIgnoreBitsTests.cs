using System.Text.RegularExpressions;
using Scanner.Linux.Fanotify;
using Scanner.Linux.Files;
using Scanner.Testing;

namespace Scanner.Linux.Tests.KernelFacts;

/// <summary>
/// Whatever is done to ignore bits, as long as the one for opens is not set on a file: each open of it is asked about.
/// </summary>
[Collection(MarksCollection.Name)]
public sealed partial class K2ToggledIgnoreBitsTests(ITestOutputHelper output)
{
    private const int Openers = 16;
    private const int Seconds = 60;

    [Theory(Timeout = 2 * Seconds * 1000)]
    [InlineData("ext4")]
    public Task GivenBitsThatComeAndGo_WhenManyOpenAnInfectedFile_ThenEachIsAsked(string type) => Blocking.Run(() =>
    {
        using TestMount mount = TestMount.Create(type);
        string infected = mount.Write("infected", "infected");
        string clean = mount.Write("clean", "clean");
        string list = Path.GetTempFileName();
        File.WriteAllText(list, $"i {infected}\ni {infected}\nc {clean}\n");
        using Descriptor denied = Descriptor.OpenRead(infected);
        using Descriptor passing = Descriptor.OpenRead(clean);
        using MarkedMount marked = new(mount);
        using CancellationTokenSource end = new();
        Thread[] threads =
        [
            Answering(marked, FileStatus.Of(denied).Inode, end.Token),
            Repeating(end.Token, () => marked.Group.TryAskAgain(denied.Content)),
            Repeating(end.Token, () => ToggleAnother(marked.Group, infected)),
            Repeating(end.Token, () => marked.Group.TryPassUnasked(passing.Content), () => marked.Group.TryAskAgain(passing.Content)),
        ];

        using Opener openers = Opener.Start(
            NativeProgram.Path("opener"), "loop", $"{Openers}", $"{Seconds}", list, "20");
        bool isDone = openers.EndsWithin((Seconds + 30) * 1000);
        end.Cancel();
        Array.ForEach(threads, thread => thread.Join());
        File.Delete(list);

        Assert.True(isDone);
        string counts = openers.Result().Output;
        output.WriteLine(counts);
        Assert.Matches(AllDenied(), counts);
    });

    [GeneratedRegex(
        @"clean_allowed=[1-9]\d* clean_denied=0 infected_allowed=0 infected_denied=[1-9]\d* other=0 undecided=0 hung=0 ")]
    private static partial Regex AllDenied();

    /// <summary>The bit of another event, on a mark of the file that opens are denied of.</summary>
    private static void ToggleAnother(FanotifyGroup group, string path)
    {
        const MarkFlags ignoring = MarkFlags.Evictable | MarkFlags.Ignore;
        using Descriptor here = Descriptor.OpenPath("/");
        group.Mark(MarkFlags.Add | MarkFlags.Evictable, EventMask.CloseWrite, here, new BytePath(path));
        for (int i = 0; i < 1000; i++)
        {
            group.Mark(MarkFlags.Add | ignoring, EventMask.Open, here, new BytePath(path));
            group.Mark(MarkFlags.Remove | MarkFlags.Ignore, EventMask.Open, here, new BytePath(path));
        }
    }

    private static Thread Answering(MarkedMount marked, ulong denied, CancellationToken end) => Started(() =>
    {
        while (!end.IsCancellationRequested)
        {
            if (marked.Reader.TryNext(100) is { WantsReply: true } metadata)
            {
                Errno error = new EventDescriptor(metadata.Descriptor).Content.TryGetStatus(StatusScope.Cached, out FileStatus status);
                bool isClean = error == Errno.None && status.Inode != denied;
                marked.Reader.Answer(metadata, isClean ? Access.Allow : Access.Deny);
            }
        }
    });

    private static Thread Repeating(CancellationToken end, params Action[] actions) => Started(() =>
    {
        while (!end.IsCancellationRequested)
        {
            Array.ForEach(actions, action => action());
        }
    });

    private static Thread Started(Action action)
    {
        Thread thread = new(() => action()) { IsBackground = true };
        thread.Start();
        return thread;
    }
}
