using System.Text;
using Scanner.Linux.Fanotify;
using Scanner.Linux.Files;
using Scanner.Testing;

namespace Scanner.Linux.Tests.Fanotify;

[Collection(MarksCollection.Name)]
public sealed class FanotifyGroupTests
{
    public static TheoryData<string> Types => [.. TestMount.Types];

    [Theory(Timeout = 30_000)]
    [MemberData(nameof(Types))]
    public Task GivenAMarkedFileSystem_WhenAFileIsOpened_ThenTheEventTellsAllAndTheAnswerDecides(string type) => Blocking.Run(() =>
    {
        using TestMount mount = TestMount.Create(type);
        string path = mount.Write("file", "content");
        using MarkedMount marked = new(mount);

        using Opener denied = Opener.Cat(path);
        EventMetadata first = marked.Reader.Next();
        Assert.Equal(
            (
                (uint)EventMetadata.ByteCount,
                EventMetadata.SupportedVersion,
                EventMask.OpenPermission,
                denied.ProcessId,
                true),
            (first.EventLength, first.Version, first.Mask, first.ProcessId, first.WantsReply));
        AssertDescribes(new EventDescriptor(first.Descriptor), path, "content");
        marked.Reader.Answer(first, Access.Deny);
        Assert.True(denied.Result().WasDenied);

        using Opener allowed = Opener.Cat(path);
        marked.Reader.Answer(marked.Reader.Next(), Access.Allow);
        Assert.Equal("content", allowed.Result().Output);
    });

    [Fact(Timeout = 10_000)]
    public Task GivenNoEvent_WhenRead_ThenItDoesNotWait() => Blocking.Run(() =>
    {
        Requires.Root();
        using FanotifyGroup group = FanotifyGroup.Open();
        EventMetadata metadata = default;

        Assert.Equal(Errno.EAGAIN, group.TryRead(ref metadata));
    });

    [Fact(Timeout = 10_000)]
    public Task GivenAnEventNobodyWaitsFor_WhenAnswered_ThenItSaysSo() => Blocking.Run(() =>
    {
        Requires.Root();
        using FanotifyGroup group = FanotifyGroup.Open();

        Assert.Equal(Errno.ENOENT, group.Reply(new FanotifyResponse(3, Access.Allow)));
    });

    [Fact(Timeout = 30_000)]
    public Task GivenManyWaiting_WhenAnsweredTogetherAndSomeAreGone_ThenTheOthersGetTheirAnswers() => Blocking.Run(() =>
    {
        const int count = 40;
        using TestMount mount = TestMount.Tmpfs();
        string path = mount.Write("file", "content");
        using MarkedMount marked = new(mount);
        List<Opener> openers = [.. Enumerable.Range(0, count).Select(_ => Opener.Start("/usr/bin/head", "-c1", path))];
        List<EventMetadata> events = [.. openers.Select(_ => marked.Reader.Next())];
        List<FanotifyResponse> responses = [];
        foreach (EventMetadata metadata in events)
        {
            // A number that no event has makes the kernel stop there.
            responses.Add(new FanotifyResponse(990, Access.Deny));
            responses.Add(new FanotifyResponse(metadata.Descriptor, Access.Allow));
        }

        marked.Group.Reply([.. responses]);

        events.ForEach(metadata => new EventDescriptor(metadata.Descriptor).Close());
        Assert.All(openers, opener => Assert.Equal("c", opener.Result().Output));
        openers.ForEach(opener => opener.Dispose());
    });

    [Fact(Timeout = 10_000)]
    public Task GivenMoreAnswersThanOneCallTakes_WhenAnswered_ThenTheLastOneArrives() => Blocking.Run(() =>
    {
        using TestMount mount = TestMount.Tmpfs();
        string path = mount.Write("file", "content");
        using MarkedMount marked = new(mount);
        using Opener opener = Opener.Cat(path);
        EventMetadata metadata = marked.Reader.Next();
        FanotifyResponse[] responses = new FanotifyResponse[(2 * FanotifyGroup.MaxResponses) + 5];
        Array.Fill(responses, new FanotifyResponse(990, Access.Deny));
        responses[^1] = new FanotifyResponse(metadata.Descriptor, Access.Deny);

        marked.Group.Reply(responses);

        new EventDescriptor(metadata.Descriptor).Close();
        Assert.True(opener.Result().WasDenied);
    });

    [Fact(Timeout = 10_000)]
    public Task GivenAFlushedGroup_WhenFilesAreOpened_ThenItIsSilentButWhatWaitedIsStillAnswered() => Blocking.Run(() =>
    {
        using TestMount mount = TestMount.Tmpfs();
        string path = mount.Write("file", "content");
        string other = mount.Write("other", "other");
        using MarkedMount marked = new(mount);
        using Opener waiting = Opener.Cat(path);
        EventMetadata metadata = marked.Reader.Next();

        marked.Group.FlushFilesystems();
        using Opener later = Opener.Cat(other);

        Assert.Equal("other", later.Result().Output);
        marked.Reader.AssertSilent();
        marked.Reader.Answer(metadata, Access.Deny);
        Assert.True(waiting.Result().WasDenied);
    });

    [Fact(Timeout = 10_000)]
    public Task GivenAMarkedFileSystem_WhenAskedWhetherItIs_ThenItSaysSoAndStaysMarked() => Blocking.Run(() =>
    {
        using TestMount mount = TestMount.Tmpfs();
        using TestMount another = TestMount.Tmpfs();
        string path = mount.Write("file", "content");
        using Descriptor here = Descriptor.OpenPath("/");
        using MarkedMount marked = new(mount);

        Assert.True(marked.Group.Marks(here, mount.RootPath));
        Assert.False(marked.Group.Marks(here, another.RootPath));

        using Opener asked = Opener.Cat(path);
        marked.Reader.Answer(marked.Reader.Next(), Access.Deny);
        Assert.True(asked.Result().WasDenied);
        marked.Group.FlushFilesystems();
        Assert.False(marked.Group.Marks(here, mount.RootPath));
    });

    [Fact(Timeout = 10_000)]
    public Task GivenAnIgnoredInode_WhenOpened_ThenItIsSilentUntilItsContentChanges() => Blocking.Run(() =>
    {
        using TestMount mount = TestMount.Tmpfs();
        string path = mount.Write("file", "content");
        using Descriptor here = Descriptor.OpenPath("/");
        using MarkedMount marked = new(mount);
        marked.Group.IgnoreInode(EventMask.OpenPermission, here, new BytePath(path));

        using Opener ignored = Opener.Start("/bin/sh", "-c", "cat \"$0\" && echo >> \"$0\"", path);
        Assert.Equal((0, "content"), (ignored.Result().ExitCode, ignored.Result().Output));
        marked.Reader.AssertSilent();

        using Opener seen = Opener.Cat(path);
        marked.Reader.Answer(marked.Reader.Next(), Access.Deny);
        Assert.True(seen.Result().WasDenied);
    });

    [Fact(Timeout = 10_000)]
    public Task GivenAFileThatMayPassUnasked_WhenItIsAskedAboutAgain_ThenItsMarkStays() => Blocking.Run(() =>
    {
        using TestMount mount = TestMount.Tmpfs();
        string path = mount.Write("file", "content");
        using Descriptor file = Descriptor.OpenRead(path);
        using MarkedMount marked = new(mount);

        Assert.Equal(Errno.ENOENT, marked.Group.TryAskAgain(file.Content));
        for (int round = 0; round < 3; round++)
        {
            Assert.Equal(Errno.None, marked.Group.TryPassUnasked(file.Content));
            using Opener passing = Opener.Cat(path);
            Assert.Equal("content", passing.Result().Output);
            marked.Reader.AssertSilent();

            Assert.Equal(Errno.None, marked.Group.TryAskAgain(file.Content));
            using Opener asked = Opener.Cat(path);
            marked.Reader.Answer(marked.Reader.Next(), Access.Deny);
            Assert.True(asked.Result().WasDenied);
        }
    });

    [Fact(Timeout = 10_000)]
    public Task GivenAMarkedInode_WhenItAndItsNeighbourAreOpened_ThenOnlyItIsAskedAbout() => Blocking.Run(() =>
    {
        using TestMount mount = TestMount.Tmpfs();
        string path = mount.Write("file", "content");
        string neighbour = mount.Write("neighbour", "other");
        using Descriptor here = Descriptor.OpenPath("/");
        using FanotifyGroup group = FanotifyGroup.Open();
        using EventReader reader = new(group);
        group.MarkInode(EventMask.OpenPermission, evictable: true, here, new BytePath(path));

        using Opener other = Opener.Cat(neighbour);
        Assert.Equal("other", other.Result().Output);
        using Opener asked = Opener.Cat(path);
        reader.Answer(reader.Next(), Access.Deny);
        Assert.True(asked.Result().WasDenied);

        group.UnmarkInode(EventMask.OpenPermission, here, new BytePath(path));
        using Opener free = Opener.Cat(path);
        Assert.Equal("content", free.Result().Output);
    });

    [Fact(Timeout = 10_000)]
    public Task GivenAWrittenFile_WhenClosed_ThenTheEventWantsNoReply() => Blocking.Run(() =>
    {
        using TestMount mount = TestMount.Tmpfs();
        string path = mount.Write("file", "content");
        using MarkedMount marked = new(mount, EventMask.CloseWrite);

        using Opener writer = Opener.Start("/bin/sh", "-c", "echo >> \"$0\"", path);
        EventMetadata metadata = marked.Reader.Next();

        Assert.Equal((EventMask.CloseWrite, false), (metadata.Mask, metadata.WantsReply));
        new EventDescriptor(metadata.Descriptor).Close();
        Assert.Equal(0, writer.Result().ExitCode);
    });

    [Fact(Timeout = 10_000)]
    public Task GivenAProgram_WhenExecuted_ThenItIsAskedForExecAndThenForOpen() => Blocking.Run(() =>
    {
        using TestMount mount = TestMount.Tmpfs();
        File.Copy("/bin/true", mount["program"]);
        using MarkedMount marked = new(mount, EventMask.Permission);

        using Opener shell = Opener.Start("/bin/sh", "-c", "\"$0\"", mount["program"]);
        EventMetadata first = marked.Reader.Next();
        marked.Reader.Answer(first, Access.Allow);
        EventMetadata second = marked.Reader.Next();
        marked.Reader.Answer(second, Access.Allow);

        Assert.Equal((EventMask.OpenExecPermission, EventMask.OpenPermission), (first.Mask, second.Mask));
        Assert.Equal(0, shell.Result().ExitCode);
    });

    [Fact(Timeout = 10_000)]
    public Task GivenAMissingPath_WhenMarked_ThenTheErrorNamesIt() => Blocking.Run(() =>
    {
        Requires.Root();
        using Descriptor here = Descriptor.OpenPath("/");
        using FanotifyGroup group = FanotifyGroup.Open();

        Assert.Equal(
            "fanotify_mark /nonexistent: No such file or directory (ENOENT)",
            Assert.Throws<ErrnoException>(() =>
                group.MarkFilesystem(EventMask.OpenPermission, here, new BytePath("/nonexistent"))).Message);
    });

    [Fact(Timeout = 10_000)]
    public Task GivenATooSmallBuffer_WhenAskedForThePath_ThenItSaysSo() => Blocking.Run(() =>
    {
        using Descriptor file = Descriptor.OpenPath("/etc/passwd");

        Assert.Equal(Errno.ENAMETOOLONG, new EventDescriptor(file.Number).Content.TryGetPath(new byte[11], out _));
        Assert.Equal(Errno.ENOENT, new EventDescriptor(999).Content.TryGetPath(new byte[64], out int length));
        Assert.Equal(0, length);
    });

    [Fact(Timeout = 20_000)]
    public Task GivenAPathLongerThanTheKernelTells_WhenAskedForIt_ThenItSaysSoAndTheFileIsStillRead() => Blocking.Run(() =>
    {
        using TestMount mount = TestMount.Tmpfs();
        string name = new('d', 250);
        Tool.Run(
            "/bin/sh",
            "-c",
            $"cd \"$0\"; for i in $(seq 20); do mkdir {name} && cd -P {name} || exit; done; printf deep > file",
            mount.Root);
        using MarkedMount marked = new(mount);

        using Opener opener = Opener.Start(
            "/bin/sh",
            "-c",
            $"cd \"$0\"; for i in $(seq 20); do cd -P {name} || exit; done; exec cat file",
            mount.Root);
        EventMetadata metadata = marked.Reader.Next();
        EventDescriptor descriptor = new(metadata.Descriptor);

        Assert.Equal(Errno.ENAMETOOLONG, descriptor.Content.TryGetPath(new byte[8192], out _));
        Assert.Equal(Errno.None, descriptor.Content.TryGetStatus(StatusScope.Cached, out FileStatus status));
        Assert.Equal(4, status.Size);
        marked.Reader.Answer(metadata, Access.Allow);
        Assert.Equal("deep", opener.Result().Output);
    });

    private static void AssertDescribes(EventDescriptor descriptor, string path, string content)
    {
        byte[] buffer = new byte[4096];
        Assert.Equal(Errno.None, descriptor.Content.TryGetPath(buffer, out int length));
        Assert.Equal(path, Encoding.UTF8.GetString(buffer, 0, length));
        Assert.Equal(Errno.None, descriptor.Content.TryGetStatus(StatusScope.Cached, out FileStatus status));
        Assert.Equal((FileKind.Regular, (long)content.Length), (status.Kind, status.Size));
        Assert.Equal(Errno.None, descriptor.Content.TryRead(buffer, 0, out int count));
        Assert.Equal(content, Encoding.UTF8.GetString(buffer, 0, count));
        FileHandle handle = default;
        Assert.Equal(Errno.None, descriptor.Content.TryGetHandle(ref handle));
    }
}
