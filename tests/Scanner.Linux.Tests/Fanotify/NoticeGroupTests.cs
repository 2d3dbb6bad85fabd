using Scanner.Linux.Fanotify;
using Scanner.Linux.Files;
using Scanner.Testing;

namespace Scanner.Linux.Tests.Fanotify;

[Collection(MarksCollection.Name)]
public sealed class NoticeGroupTests
{
    private const EventMask Followed = EventMask.Attributes | EventMask.CloseWrite;

    public static TheoryData<string, string, EventMask> Changes()
    {
        TheoryData<string, string, EventMask> changes = [];
        foreach (string type in (string[])["ext4", "xfs", "btrfs"])
        {
            changes.Add(type, "chmod 666 \"$0\"", EventMask.Attributes);
            changes.Add(type, "chmod 666 \"$0\"; chmod 644 \"$0\"", EventMask.Attributes);
            changes.Add(type, "chown 1000 \"$0\"", EventMask.Attributes);
            changes.Add(type, "setfacl -m u:1000:rw \"$0\"", EventMask.Attributes);
            changes.Add(type, ": >> \"$0\"", EventMask.CloseWrite);
        }

        return changes;
    }

    [Theory(Timeout = 30_000)]
    [MemberData(nameof(Changes))]
    public Task GivenAFileThatIsListenedTo_WhenChanged_ThenTheNoticeFindsItWithoutOpeningIt(
        string type, string change, EventMask mask) => Blocking.Run(() =>
    {
        using TestMount mount = TestMount.Create(type);
        string path = mount.Write("file", "content");
        using NoticeGroup group = NoticeGroup.Open();
        using (Descriptor file = Descriptor.OpenRead(path))
        {
            Assert.Equal(Errno.None, group.TryMark(Followed, file.Content));
        }

        Tool.Run("/bin/sh", "-c", change, path);

        using Descriptor root = Descriptor.OpenRead(mount.Root);
        using MarkedMount marked = new(mount);
        List<(EventMask, ulong)> told = [];
        foreach (Notice notice in group.TakeAll(new byte[NoticeGroup.BufferBytes]))
        {
            FileHandle handle = default;
            Assert.True(notice.TryGetHandle(ref handle));
            Assert.Equal(Errno.None, handle.TryFind(root, out Descriptor? found));
            told.Add((notice.Mask, FileStatus.Of(found!).Inode));
            Assert.Equal(Errno.None, group.TryUnmark(Followed, found!));
            found!.Dispose();
            break;
        }

        marked.Reader.AssertSilent();
        Assert.Equal([(mask, InodeOf(path))], told);

        Tool.Run("/bin/sh", "-c", "chmod 600 \"$0\"", path);
        foreach (Notice notice in group.TakeAll(new byte[NoticeGroup.BufferBytes]))
        {
            Assert.Fail($"{notice.Mask} of a file that is not listened to any more");
        }
    });

    [Fact(Timeout = 30_000)]
    public Task GivenMoreNoticesThanAreQueued_WhenTaken_ThenTheLossIsTold() => Blocking.Run(() =>
    {
        using TestMount mount = TestMount.Tmpfs();
        int limit = int.Parse(File.ReadAllText("/proc/sys/fs/fanotify/max_queued_events"));
        using Descriptor here = Descriptor.OpenPath("/");
        using NoticeGroup group = NoticeGroup.Open();
        Assert.Equal(Errno.None, group.TryMarkFilesystem(EventMask.Attributes, here, mount.RootPath));

        Tool.Run("/bin/sh", "-c", $"cd \"$0\" && seq {limit + 10} | xargs touch && chmod -R g-r .", mount.Root);

        int taken = 0;
        EventMask all = EventMask.None;
        foreach (Notice notice in group.TakeAll(new byte[NoticeGroup.BufferBytes]))
        {
            taken++;
            all |= notice.Mask;
            FileHandle handle = default;
            Assert.NotEqual(notice.Mask == EventMask.QueueOverflow, notice.TryGetHandle(ref handle));
        }

        Assert.Equal((EventMask.Attributes | EventMask.QueueOverflow, true), (all, taken >= limit));
    });

    [Fact(Timeout = 30_000)]
    public Task GivenAFileOfOneSubvolume_WhenOneOfAnotherIsToBeListenedTo_ThenItNeedsAnotherGroup() => Blocking.Run(() =>
    {
        using TestMount mount = TestMount.Create("btrfs");
        Tool.Run("btrfs", "-q", "subvolume", "create", mount["volume"]);
        using Descriptor outer = Descriptor.OpenRead(mount.Write("file", "content"));
        using Descriptor inner = Descriptor.OpenRead(mount.Write("volume/file", "content"));
        using NoticeGroup first = NoticeGroup.Open();
        using NoticeGroup second = NoticeGroup.Open();

        Assert.Equal(Errno.None, first.TryMark(Followed, outer.Content));
        Assert.Equal(Errno.EXDEV, first.TryMark(Followed, inner.Content));
        Assert.Equal(Errno.None, second.TryMark(Followed, inner.Content));
    });

    private static ulong InodeOf(string path)
    {
        using Descriptor place = Descriptor.OpenPath(path);
        return FileStatus.Of(place).Inode;
    }
}
