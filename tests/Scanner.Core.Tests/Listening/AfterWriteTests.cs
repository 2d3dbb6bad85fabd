using System.Diagnostics;
using Scanner.Core.Caching;
using Scanner.Core.Deciding;
using Scanner.Core.Listening;
using Scanner.Core.Scanning;
using Scanner.Core.Tests.Caching;
using Scanner.Core.Tests.Fixtures;
using Scanner.Linux;
using Scanner.Linux.Fanotify;
using Scanner.Linux.Files;
using Scanner.Testing;

namespace Scanner.Core.Tests.Listening;

/// <summary>What is forgotten when a file was closed after writing.</summary>
[Collection(MarksCollection.Name)]
public sealed class AfterWriteTests
{
    [Theory(Timeout = 10_000)]
    [InlineData(true)]
    [InlineData(false)]
    public Task GivenAFixedDisk_WhenAFileIsClosedAfterWriting_ThenItIsForgottenInTheStoreAtOnce(bool isFixed) =>
        Blocking.Run(() =>
    {
        const ulong identity = 7;
        Requires.Root();
        using Rooms rooms = new();
        using WatchedGroup group = rooms.Group(FilesystemKind.Local);
        group.Plan = group.Plan with { Rule = new CacheRule(VersionTrust.Version, identity, isFixed) };
        string path = Path.GetTempFileName();
        using Descriptor file = Descriptor.OpenRead(path);
        File.Delete(path);
        Assert.Equal(Errno.None, file.Content.TryGetStatus(StatusScope.Cached, out FileStatus status));

        rooms.Tools.Written.Note(group, file.Content, new byte[Gate.ScratchBytes]);

        Assert.Equal(isFixed ? [FileIdentity.Of(identity, status)] : [], rooms.Store.Forgotten);
    });

    /// <summary>The kernel tells of the closing, but not of which file.</summary>
    [Fact(Timeout = 20_000)]
    public Task GivenAWriteLease_WhenItKeepsTheReaderFromTheFile_ThenAllIsForgotten() => Blocking.Run(() =>
    {
        Requires.Root();
        using TestMount mount = TestMount.Ext4();
        using Rooms rooms = new();
        using WatchedGroup group = rooms.Group(FilesystemKind.Local);
        group.Plan = group.Plan with { Rule = new CacheRule(VersionTrust.Version, 7, IsFixed: true) };
        FileVersion known = Versions.Of(1);
        rooms.Known.Keep(known, rooms.Known.Begin(known.File), Verdict.Clean);
        Assert.True(rooms.Known.IsClean(known));
        group.Fanotify.MarkFilesystem(EventMask.CloseWrite, rooms.Root, mount.RootPath);
        string path = Path.Combine(mount.Root, "file");
        File.WriteAllText(path, "content");
        ProcessStartInfo start = new(NativeProgram.Path("opener"), ["hold-lease", path, "60"]);
        start.RedirectStandardOutput = true;
        using Process holder = Process.Start(start)!;
        Assert.Equal("held", holder.StandardOutput.ReadLine());

        group.StartReading();

        Assert.True(SpinWait.SpinUntil(() => rooms.Known.Count == 0, TimeSpan.FromSeconds(5)));
        Assert.False(rooms.Known.IsClean(known));
        holder.Kill();
        holder.WaitForExit();
        group.Fanotify.FlushFilesystems();
    });
}
