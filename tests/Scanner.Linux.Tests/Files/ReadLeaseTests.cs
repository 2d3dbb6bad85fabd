using Scanner.Linux.Files;
using Scanner.Testing;

namespace Scanner.Linux.Tests.Files;

[Collection(MarksCollection.Name)]
public sealed class ReadLeaseTests
{
    public static TheoryData<string> Types => [.. TestMount.Types];

    [Theory(Timeout = 30_000)]
    [MemberData(nameof(Types))]
    public Task GivenALease_WhenAWriterComes_ThenItWaitsAndTheHolderSeesItAndLives(string type) => Blocking.Run(() =>
    {
        using TestMount mount = TestMount.Create(type);
        string path = mount.Write("file", "old");
        using Descriptor file = Descriptor.OpenRead(path);
        Assert.Equal(Errno.None, ReadLease.TryTake(file.Content));
        Assert.True(ReadLease.IsHeld(file.Content));

        using Opener writer = Opener.Start("/bin/sh", "-c", "echo new > \"$0\"", path);
        Assert.False(writer.EndsWithin(300));
        Assert.False(ReadLease.IsHeld(file.Content));

        Assert.Equal(Errno.None, ReadLease.Release(file.Content));
        Assert.Equal(0, writer.Result().ExitCode);
    });

    [Fact(Timeout = 10_000)]
    public Task GivenAWriter_WhenALeaseIsAskedFor_ThenItIsRefused() => Blocking.Run(() =>
    {
        using TestMount mount = TestMount.Tmpfs();
        string path = mount.Write("file", "content");
        using Descriptor file = Descriptor.OpenRead(path);
        using (File.OpenWrite(path))
        {
            Assert.Equal(Errno.EAGAIN, ReadLease.TryTake(file.Content));
        }

        Assert.False(ReadLease.IsHeld(file.Content));
        Assert.Equal(Errno.None, ReadLease.TryTake(file.Content));
    });

    [Fact(Timeout = 5_000)]
    public Task GivenADirectory_WhenALeaseIsAskedFor_ThenItIsRefused() => Blocking.Run(() =>
    {
        Requires.Root();
        using Descriptor directory = Descriptor.OpenRead("/proc");

        Assert.Equal(Errno.EINVAL, ReadLease.TryTake(directory.Content));
    });
}
