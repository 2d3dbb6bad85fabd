using Scanner.Core.Deciding;
using Scanner.Core.Listening;
using Scanner.Core.Tests.Fixtures;
using Scanner.Linux;
using Scanner.Linux.Files;
using Scanner.Linux.Sockets;
using Scanner.Testing;

namespace Scanner.Core.Tests.Deciding;

/// <summary>What is answered without an engine. The files are not watched, so the test may open them itself.</summary>
[Collection(MarksCollection.Name)]
public sealed class GateTests : IDisposable
{
    private readonly Rooms _rooms = new();
    private readonly string _directory = Directory.CreateTempSubdirectory("scanner-gate-").FullName;
    private readonly byte[] _scratch = new byte[Gate.ScratchBytes];

    public void Dispose()
    {
        Directory.Delete(_directory, recursive: true);
        _rooms.Dispose();
    }

    [Theory(Timeout = 10_000)]
    [InlineData(false, 7, "Scan")]
    [InlineData(false, 0, "Empty")]
    [InlineData(true, 7, "Scan")]
    // A server may say that a file is empty and then deliver content.
    [InlineData(true, 0, "Scan")]
    public Task GivenAFile_WhenAsked_ThenItsSizeCountsWhereItCanBeTrusted(bool isRemote, int size, string answer)
    {
        string file = Path.Combine(_directory, "file");
        File.WriteAllBytes(file, new byte[size]);
        using Descriptor descriptor = Descriptor.OpenRead(file);

        Assert.Equal((answer, size), Ask(descriptor, isRemote ? FilesystemKind.Network : FilesystemKind.Local));
        return Task.CompletedTask;
    }

    [Fact(Timeout = 10_000)]
    public Task GivenWhatIsNoRegularFile_WhenAsked_ThenThereIsNothingToScan()
    {
        using Descriptor directory = Descriptor.OpenRead(_directory);
        using Descriptor device = Descriptor.OpenRead("/dev/null");
        (ControlSocket first, ControlSocket second) = ControlSocket.CreatePair();
        using (first)
        using (second)
        {
            Assert.All(
                (Descriptor[])[directory, device, first],
                descriptor => Assert.Equal("NotRegular", Ask(descriptor, FilesystemKind.Local).Answer));
        }

        return Task.CompletedTask;
    }

    [Fact(Timeout = 10_000)]
    public Task GivenADescriptorThatTellsNothing_WhenAsked_ThenItIsUnreadable()
    {
        const int notOpen = 1_000_000;
        Requires.Root();
        using WatchedGroup group = _rooms.Group(FilesystemKind.Local);

        GateAnswer answer = _rooms.Gate.Ask(
            new Linux.Fanotify.EventDescriptor(notOpen).Content, group, _scratch, out _);

        Assert.Equal(GateAnswer.Unreadable, answer);
        return Task.CompletedTask;
    }

    [Fact(Timeout = 20_000)]
    public Task GivenAFileOutside_WhenNobodyKnowsOfRenamings_ThenItsPathIsNotEnough() => Blocking.Run(() =>
    {
        using Tree tree = new();
        using Descriptor inside = Descriptor.OpenRead(tree.Write("in/file"));
        using Descriptor outside = Descriptor.OpenRead(tree.Write("out/file"));
        using WatchedGroup group = _rooms.Group(FilesystemKind.Local, tree.Cover());

        Assert.Equal(GateAnswer.Scan, _rooms.Gate.Ask(inside.Content, group, _scratch, out _));
        Assert.Equal(GateAnswer.ScanUnsure, _rooms.Gate.Ask(outside.Content, group, _scratch, out _));
    });

    [Fact(Timeout = 10_000)]
    public Task GivenTheScannersOwnProcesses_WhenAsked_ThenTheyAreKnown()
    {
        _rooms.Journal.Header.SupervisorId = 4711;
        Gate gate = new(_rooms.Journal, new CleanEngine(), _rooms.Known, new FaultPlan([]), TimeProvider.System);

        Assert.True(gate.IsOwn(Environment.ProcessId));
        Assert.True(gate.IsOwn(4711));
        Assert.False(gate.IsOwn(4712));
        return Task.CompletedTask;
    }

    private (string Answer, long Size) Ask(Descriptor file, FilesystemKind kind)
    {
        Requires.Root();
        using WatchedGroup group = _rooms.Group(kind);
        GateAnswer answer = _rooms.Gate.Ask(file.Content, group, _scratch, out FileStatus status);
        return (answer.ToString(), status.Size);
    }
}
