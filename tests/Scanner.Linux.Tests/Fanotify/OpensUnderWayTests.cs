using System.Diagnostics;
using Scanner.Linux.Fanotify;
using Scanner.Testing;

namespace Scanner.Linux.Tests.Fanotify;

/// <summary>One group takes the place of another while a file is opened without end.</summary>
[Collection(MarksCollection.Name)]
public sealed class OpensUnderWayTests
{
    private const int Openers = 4;
    private const int LeastRounds = 3;
    private static readonly TimeSpan s_time = TimeSpan.FromSeconds(4);

    [Fact(Timeout = 60_000)]
    public Task GivenOpenersWithoutEnd_WhenGroupsTakeEachOthersPlace_ThenEachOpenIsAsked() => Blocking.Run(() =>
    {
        using TestMount mount = TestMount.Tmpfs();
        string path = mount.Write("file", "content");
        using Descriptor here = Descriptor.OpenPath("/");
        AnsweredGroup group = new();
        group.Group.MarkFilesystem(EventMask.OpenPermission, here, mount.RootPath);

        // Each says so once it has got in, and ends.
        Opener[] openers = [.. Enumerable.Range(0, Openers).Select(_ => Opener.Start(
            "/bin/sh", "-c", "while [ -e /proc/$1 ]; do { read line < $0; } 2>&- && echo $line && exit; done", path,
            $"{Environment.ProcessId}"))];
        Stopwatch time = Stopwatch.StartNew();
        int rounds = 0;
        for (; rounds < LeastRounds || time.Elapsed < s_time; rounds++)
        {
            AnsweredGroup next = new();
            next.Group.MarkFilesystem(EventMask.OpenPermission, here, mount.RootPath);
            OpensUnderWay.Await();
            group.Group.FlushFilesystems();
            OpensUnderWay.Await();
            group.Dispose();
            group = next;
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{rounds} rounds in {time.Elapsed}");
        foreach (Opener opener in openers)
        {
            Assert.False(opener.EndsWithin(0), "an open was let through");
            opener.Dispose();
        }

        group.Dispose();
    });

    /// <summary>Denies everything, until it is asked no more.</summary>
    private sealed class AnsweredGroup : IDisposable
    {
        private readonly EventReader _reader;
        private readonly Thread _thread;
        private volatile bool _isLeaving;

        public AnsweredGroup()
        {
            _reader = new EventReader(Group);
            _thread = new Thread(Run);
            _thread.Start();
        }

        public FanotifyGroup Group { get; } = FanotifyGroup.Open();

        public void Dispose()
        {
            _isLeaving = true;
            _thread.Join();
            _reader.Dispose();
            Group.Dispose();
        }

        private void Run()
        {
            // What was under way has reached the queue a moment after it was shown to the group.
            EventMetadata? asked;
            while ((asked = _reader.TryNext(50)) is not null || !_isLeaving)
            {
                if (asked is { } metadata)
                {
                    _reader.Answer(metadata, Access.Deny);
                }
            }
        }
    }
}
