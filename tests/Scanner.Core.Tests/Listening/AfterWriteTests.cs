using Scanner.Core.Caching;
using Scanner.Core.Deciding;
using Scanner.Core.Listening;
using Scanner.Core.Tests.Fixtures;
using Scanner.Linux;
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
}
