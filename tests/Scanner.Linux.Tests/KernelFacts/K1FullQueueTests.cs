using Scanner.Linux.Fanotify;
using Scanner.Testing;

namespace Scanner.Linux.Tests.KernelFacts;

/// <summary>
/// A full queue lets opens through unasked; only a group with an unlimited queue asks about every open.
/// </summary>
[Collection(MarksCollection.Name)]
public sealed class K1FullQueueTests
{
    private const string Setting = "/proc/sys/fs/fanotify/max_queued_events";
    private const int Capacity = 3;

    [Fact(Timeout = 20_000)]
    public Task GivenALimitedQueue_WhenItIsFull_ThenTheNextOpenPassesUnasked() => Blocking.Run(() =>
    {
        using TestMount mount = TestMount.Tmpfs();
        string path = mount.Write("file", "content");
        using FanotifyGroup group = OpenWithSmallQueue(InitFlags.UnlimitedMarks);
        using EventReader reader = new(group);
        Mark(group, mount);
        List<Opener> waiting = [.. Enumerable.Range(0, Capacity).Select(_ => Waiting(path))];

        using Opener passing = Opener.Cat(path);

        Assert.Equal("content", passing.Result().Output);
        waiting.ForEach(_ => reader.Answer(reader.Next(), Access.Deny));
        Assert.Equal(EventMask.QueueOverflow, reader.Next().Mask);
        Assert.All(waiting, opener => Assert.True(opener.Result().WasDenied));
        waiting.ForEach(opener => opener.Dispose());
    });

    [Fact(Timeout = 20_000)]
    public Task GivenAnUnlimitedQueue_WhenMoreThanTheLimitWait_ThenAllAreAsked() => Blocking.Run(() =>
    {
        using TestMount mount = TestMount.Tmpfs();
        string path = mount.Write("file", "content");
        using FanotifyGroup group = OpenWithSmallQueue(InitFlags.UnlimitedMarks | InitFlags.UnlimitedQueue);
        using EventReader reader = new(group);
        Mark(group, mount);

        List<Opener> waiting = [.. Enumerable.Range(0, Capacity + 2).Select(_ => Waiting(path))];

        waiting.ForEach(_ => reader.Answer(reader.Next(), Access.Deny));
        Assert.All(waiting, opener => Assert.True(opener.Result().WasDenied));
        waiting.ForEach(opener => opener.Dispose());
    });

    /// <summary>A group takes the limit that holds when it is opened, so the setting is put back at once.</summary>
    private static FanotifyGroup OpenWithSmallQueue(InitFlags limits)
    {
        string before = File.ReadAllText(Setting);
        File.WriteAllText(Setting, $"{Capacity}\n");
        try
        {
            return FanotifyGroup.Open(limits);
        }
        finally
        {
            File.WriteAllText(Setting, before);
        }
    }

    private static void Mark(FanotifyGroup group, TestMount mount)
    {
        using Descriptor here = Descriptor.OpenPath("/");
        group.MarkFilesystem(EventMask.OpenPermission, here, mount.RootPath);
    }

    private static Opener Waiting(string path)
    {
        Opener opener = Opener.Cat(path);
        Assert.False(opener.EndsWithin(200));
        return opener;
    }
}
