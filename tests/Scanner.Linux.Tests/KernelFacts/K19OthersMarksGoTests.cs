using Scanner.Linux.Fanotify;
using Scanner.Testing;

namespace Scanner.Linux.Tests.KernelFacts;

/// <summary>
/// A mark of somebody else on a file, as any user who may read it can have one, goes while an open waits: others are
/// asked all the same. Kernels without the mending of CVE-2026-46150 (7746e3bd4cc1, in 6.18 of May 2026) let them pass.
/// </summary>
[Collection(MarksCollection.Name)]
public sealed class K19OthersMarksGoTests
{
    [Theory(Timeout = 20_000)]
    [InlineData(false)]
    [InlineData(true)]
    public Task GivenAnOpenThatWaits_WhenSomebodyStopsWatchingTheFile_ThenOthersAreAsked(bool isGroup) =>
        Blocking.Run(() =>
        {
            using TestMount mount = TestMount.Tmpfs();
            string path = mount.Write("file", "content");
            using MarkedMount marked = new(mount);
            using IDisposable watch = isGroup ? Mark(path) : new FileSystemWatcher(mount.Root) { EnableRaisingEvents = true };
            using Opener waiting = Opener.Cat(path);
            EventMetadata pending = marked.Reader.Next();

            // It may wait for the open.
            Task ending = Blocking.Run(watch.Dispose);
            _ = ending.Wait(200);

            using Opener other = Opener.Cat(path);
            EventMetadata asked = marked.Reader.Next();
            Assert.Equal(other.ProcessId, asked.ProcessId);
            marked.Reader.Answer(asked, Access.Deny);
            marked.Reader.Answer(pending, Access.Deny);
            Assert.True(other.Result().WasDenied);
            Assert.True(waiting.Result().WasDenied);
            Assert.True(ending.Wait(5_000));
        });

    private static FanotifyGroup Mark(string path)
    {
        FanotifyGroup group = FanotifyGroup.Open();
        using Descriptor here = Descriptor.OpenPath("/");
        group.MarkInode(EventMask.CloseWrite, evictable: false, here, new BytePath(path));
        return group;
    }
}
