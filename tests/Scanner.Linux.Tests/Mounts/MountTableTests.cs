using Scanner.Linux.Mounts;
using Scanner.Linux.Sockets;
using Scanner.Testing;

namespace Scanner.Linux.Tests.Mounts;

[Collection(MarksCollection.Name)]
public sealed class MountTableTests
{
    public static TheoryData<string> Types => [.. TestMount.Types];

    [Theory(Timeout = 30_000)]
    [MemberData(nameof(Types))]
    public Task GivenAMount_WhenTheTableIsRead_ThenItIsInIt(string type) => Blocking.Run(() =>
    {
        using TestMount mount = TestMount.Create(type);
        using MountTable table = MountTable.OpenOwn();

        MountEntry entry = table.Read().Single(entry => entry.MountPoint.Equals(mount.RootPath));

        Assert.Equal((type, "/"), (entry.Type, entry.Root.ToString()));
    });

    [Fact(Timeout = 10_000)]
    public Task GivenAMountPointWithStrangeBytes_WhenTheTableIsRead_ThenItsBytesAreExact() => Blocking.Run(() =>
    {
        using TestMount mount = TestMount.Tmpfs();
        byte[] bytes = [.. System.Text.Encoding.UTF8.GetBytes(mount.Root), .. "/a b\tc\nd\\e#"u8, 0xFF, (byte)'z'];
        Tool.Run(
            "/bin/sh",
            "-c",
            "d=\"$0/$(printf 'a b\\tc\\nd\\\\e#\\377z')\"; mkdir \"$d\" && mount -t tmpfs none \"$d\"",
            mount.Root);
        using MountTable table = MountTable.OpenOwn();

        Assert.Contains(table.Read(), entry => entry.MountPoint.Equals(new BytePath(bytes)));
        Mount.Detach(new BytePath(bytes));
        Assert.DoesNotContain(table.Read(), entry => entry.MountPoint.Equals(new BytePath(bytes)));
    });

    [Theory(Timeout = 10_000)]
    [InlineData("private")]
    [InlineData("unbindable")]
    [InlineData("shared")]
    [InlineData("slave")]
    public Task GivenAnyPropagation_WhenTheTableIsRead_ThenTheEntryIsWhole(string propagation) => Blocking.Run(() =>
    {
        using TestMount mount = TestMount.Tmpfs();
        Tool.Run("mount", "--make-shared", mount.Root);
        string bind = mount.Bind();
        Tool.Run("mount", $"--make-{propagation}", bind);
        using MountTable table = MountTable.OpenOwn();

        MountEntry entry = table.Read().Single(entry => entry.MountPoint.ToString() == bind);

        Assert.Equal(("tmpfs", "/"), (entry.Type, entry.Root.ToString()));
    });

    [Fact(Timeout = 10_000)]
    public Task GivenABindOfADirectory_WhenTheTableIsRead_ThenItsRootIsThatDirectory() => Blocking.Run(() =>
    {
        using TestMount mount = TestMount.Tmpfs();
        Directory.CreateDirectory(mount["inside"]);
        string bind = mount.Bind("inside");
        using MountTable table = MountTable.OpenOwn();
        IReadOnlyList<MountEntry> entries = table.Read();

        MountEntry whole = entries.Single(entry => entry.MountPoint.Equals(mount.RootPath));
        MountEntry part = entries.Single(entry => entry.MountPoint.ToString() == bind);

        Assert.Equal("/inside", part.Root.ToString());
        Assert.Equal(whole.Filesystem, part.Filesystem);
    });

    [Fact(Timeout = 10_000)]
    public Task GivenATableThatIsPolled_WhenSomethingIsMounted_ThenItSaysSo() => Blocking.Run(() =>
    {
        using TestMount mount = TestMount.Tmpfs();
        using MountTable table = MountTable.OpenOwn();
        using Poller poller = Poller.Create();
        poller.AddUrgent(table.Descriptor, 9);

        // Other programs mount as well: only what follows must be reported.
        while (poller.Wait(0) != 0)
        {
            _ = table.Read();
        }

        string bind = mount.Bind();

        Assert.Equal(9, poller.Wait(2_000));
        Assert.Contains(table.Read(), entry => entry.MountPoint.ToString() == bind);
        Mount.Detach(new BytePath(bind));
        Assert.Equal(9, poller.Wait(2_000));
        Assert.DoesNotContain(table.Read(), entry => entry.MountPoint.ToString() == bind);
    });

    [Fact(Timeout = 20_000)]
    public Task GivenATableLargerThanOneRead_WhenMountsComeAndGo_ThenEveryLineIsWhole() => Blocking.Run(() =>
    {
        using TestMount mount = TestMount.Tmpfs();
        List<string> binds = [.. Enumerable.Range(0, 120).Select(_ => mount.Bind())];
        using MountTable table = MountTable.OpenOwn();
        using Opener churn = Opener.Start(
            "/bin/sh",
            "-c",
            "for i in 1 2 3 4 5 6 7 8 9 10; do mount --bind \"$0\" \"$1\"; umount -l \"$1\"; done",
            mount.Root,
            binds[3]);

        do
        {
            HashSet<string> points = [.. table.Read().Select(entry => entry.MountPoint.ToString())];
            Assert.Empty(binds.Except(points));
        }
        while (!churn.EndsWithin(0));

        Assert.Equal(0, churn.Result().ExitCode);
    });

    [Fact(Timeout = 30_000)]
    public Task GivenATableThatTwoRead_WhenMountsComeAndGo_ThenEveryLineIsWhole() => Blocking.Run(() =>
    {
        using TestMount mount = TestMount.Tmpfs();
        List<string> binds = [.. Enumerable.Range(0, 120).Select(_ => mount.Bind())];
        using MountTable table = MountTable.OpenOwn();
        using MountTable copy = new(new Descriptor(Duplicate(table.Descriptor)));
        using Opener churn = Opener.Start(
            "/bin/sh", ["-c", "for d; do umount -l \"$d\" || exit; done", "sh", .. binds[..80]]);

        Task[] readers = [.. new[] { table, copy }.Select(one => Blocking.Run(() =>
        {
            do
            {
                HashSet<string> points = [.. one.Read().Select(entry => entry.MountPoint.ToString())];
                Assert.Empty(binds[80..].Except(points));
            }
            while (!churn.EndsWithin(0));
        }))];

        Task.WhenAll(readers).GetAwaiter().GetResult();
    });

    /// <summary>A second number of the same file description, as a message carries it to another process.</summary>
    private static int Duplicate(Descriptor descriptor)
    {
        (ControlSocket first, ControlSocket second) = ControlSocket.CreatePair();
        using ControlSocket one = first;
        using ControlSocket other = second;
        one.Send("x"u8, descriptor);
        _ = other.Receive(new byte[1], out ReceivedMessage received);
        int number = received.Passed!.Number;
        received.Passed.SetHandleAsInvalid();
        return number;
    }
}
