using System.Globalization;
using Scanner.Linux.Files;
using Scanner.Linux.Sockets;
using Scanner.Testing;

namespace Scanner.Linux.Tests.Files;

/// <summary>
/// What a kept lease rests on: that it comes with the passed file, and that its break is told to one thread, and only
/// there.
/// </summary>
[Collection(MarksCollection.Name)]
public sealed class LeaseSignalsTests
{
    public static TheoryData<string> Types => [.. TestMount.Types];

    [Theory(Timeout = 30_000)]
    [MemberData(nameof(Types))]
    public Task GivenALeaseThatWasPassed_WhenAWriterComes_ThenTheThreadIsToldWhichFile(string type) => OnThread(() =>
    {
        using TestMount mount = TestMount.Create(type);
        using LeaseSignals signals = LeaseSignals.OpenForThisThread();
        PassedFile other = Pass(mount.Write("other", "old"));
        PassedFile file = Pass(mount.Write("file", "old"));
        Assert.Equal(Errno.None, ReadLease.TryTakeOver(other, signals));
        Assert.Equal(Errno.None, ReadLease.TryTakeOver(file, signals));
        Assert.Equal(Errno.EAGAIN, signals.TryRead(out _));

        using Opener writer = Opener.Start("/bin/sh", "-c", "echo new > \"$0\"", mount["file"]);
        Assert.True(IsTold(signals, out PassedFile? broken));
        Assert.Equal(file, broken);
        Assert.False(ReadLease.IsHeld(file.Content));
        Assert.True(ReadLease.IsHeld(other.Content));
        Assert.False(writer.EndsWithin(200));

        Assert.Equal(Errno.None, ReadLease.Release(file.Content));
        Assert.Equal(0, writer.Result().ExitCode);
        file.Close();
        other.Close();
    });

    [Fact(Timeout = 20_000)]
    public Task GivenALeaseThatIsBeingBroken_WhenItIsTakenOver_ThenThatIsRefusedAndTheWriterStillWaits() => OnThread(() =>
    {
        using TestMount mount = TestMount.Tmpfs();
        using LeaseSignals signals = LeaseSignals.OpenForThisThread();
        string path = mount.Write("file", "old");
        PassedFile file = Pass(path);
        using Opener writer = Opener.Start("/bin/sh", "-c", "echo new > \"$0\"", path);
        Assert.False(writer.EndsWithin(200));

        Assert.Equal(Errno.EAGAIN, ReadLease.TryTakeOver(file, signals));
        Assert.False(writer.EndsWithin(100));
        Assert.Equal(Errno.EAGAIN, signals.TryRead(out _));

        Assert.Equal(Errno.None, ReadLease.Release(file.Content));
        Assert.Equal(0, writer.Result().ExitCode);
        file.Close();
    });

    [Fact(Timeout = 20_000)]
    public Task GivenAWriterThatDoesNotWait_WhenItFails_ThenTheLeaseIsBrokenAllTheSame() => OnThread(() =>
    {
        using TestMount mount = TestMount.Tmpfs();
        using LeaseSignals signals = LeaseSignals.OpenForThisThread();
        string path = mount.Write("file", "before");
        PassedFile file = Pass(path);
        Assert.Equal(Errno.None, ReadLease.TryTakeOver(file, signals));

        Assert.Equal((int)Errno.EAGAIN, Store(path));
        Assert.True(IsTold(signals, out PassedFile? broken));
        Assert.Equal(file, broken);
        Assert.Equal(Errno.None, ReadLease.Release(file.Content));

        Assert.Equal(0, Store(path));
        file.Close();
    });

    [Fact(Timeout = 20_000)]
    public Task GivenNoRoomForASignal_WhenAWriterComes_ThenTheThreadIsToldThatSomeLeaseIsBroken() => OnThread(() =>
    {
        using TestMount mount = TestMount.Tmpfs();
        using LeaseSignals signals = LeaseSignals.OpenForThisThread();
        string path = mount.Write("file", "before");
        PassedFile file = Pass(path);
        Assert.Equal(Errno.None, ReadLease.TryTakeOver(file, signals));
        string self = string.Create(CultureInfo.InvariantCulture, $"--pid={Environment.ProcessId}");
        string before = Tool.Run("prlimit", self, "--sigpending", "--output=SOFT", "--noheadings").Trim();
        try
        {
            Tool.Run("prlimit", self, "--sigpending=0:");
            Assert.Equal((int)Errno.EAGAIN, Store(path));
        }
        finally
        {
            Tool.Run("prlimit", self, $"--sigpending={before}:");
        }

        Assert.True(IsTold(signals, out PassedFile? broken));
        Assert.Null(broken);
        Assert.False(ReadLease.IsHeld(file.Content));
        file.Close();
    });

    [Fact(Timeout = 20_000)]
    public Task GivenAFileThatWasPassed_WhenItsNamesAreRemoved_ThenItSaysSo() => OnThread(() =>
    {
        using TestMount mount = TestMount.Ext4();
        PassedFile file = Pass(mount.Write("file", "content"));
        Assert.True(file.HasName);

        File.Delete(mount["file"]);

        Assert.False(file.HasName);
        file.Close();
    });

    /// <summary>Opens a file, takes a lease, and passes it as the worker does.</summary>
    private static PassedFile Pass(string path)
    {
        (ControlSocket first, ControlSocket second) = ControlSocket.CreatePair();
        using ControlSocket sender = first;
        using ControlSocket receiver = second;
        using Descriptor file = Descriptor.OpenRead(path);
        Assert.Equal(Errno.None, ReadLease.TryTake(file.Content));
        Assert.Equal(Errno.None, sender.TrySend("file"u8, file.Content));
        Assert.Equal(Errno.None, receiver.TryReceive(new byte[16], out int length, out PassedFile? passed));
        Assert.Equal(4, length);
        return passed!.Value;
    }

    private static bool IsTold(LeaseSignals signals, out PassedFile? file)
    {
        using Poller poller = Poller.Create();
        poller.Add(signals, 1);
        Assert.Equal(1, poller.Wait(5_000));
        return signals.TryRead(out file) == Errno.None;
    }

    private static int Store(string path)
    {
        using Opener writer = Opener.Start(NativeProgram.Path("mmap_store"), path, "AFTER!");
        return writer.Result().ExitCode;
    }

    /// <summary>The signals are one thread's, which here ends with the test.</summary>
    private static Task OnThread(Action action)
    {
        TaskCompletionSource ended = new();
        new Thread(() =>
        {
            try
            {
                action();
                ended.SetResult();
            }
            catch (Exception error)
            {
                ended.SetException(error);
            }
        }).Start();
        return ended.Task;
    }
}
