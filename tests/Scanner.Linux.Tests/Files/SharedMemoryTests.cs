using System.Globalization;
using Scanner.Linux.Files;
using Scanner.Linux.Processes;
using Scanner.Testing;

namespace Scanner.Linux.Tests.Files;

public sealed class SharedMemoryTests
{
    [Fact(Timeout = 20_000)]
    public Task GivenSharedMemory_WhenAnotherProcessWrites_ThenItIsSeenHere() => Blocking.Run(() =>
    {
        SharedMemory memory = SharedMemory.Create("numbers", 4096);
        memory.At<ulong>(0) = 41;
        string number = memory.Descriptor.Number.ToString(CultureInfo.InvariantCulture);

        using ChildProcess child = ChildProcess.Start(new SpawnRequest(
            NativeProgram.Path("add_to_memory"), ["add_to_memory", number], [], [memory.Descriptor], []));

        Assert.Equal(0, Children.End(child).Code);
        Assert.Equal(42UL, memory.At<ulong>(8));
    });

    [Fact(Timeout = 5_000)]
    public Task GivenItsDescriptor_WhenOpened_ThenItIsTheSameMemory() => Blocking.Run(() =>
    {
        SharedMemory memory = SharedMemory.Create("numbers", 10_000);
        memory.At<int>(9_996) = 7;
        SharedMemory other = SharedMemory.Open(memory.Descriptor);

        Assert.Equal((10_000L, 7), (other.Length, other.At<int>(9_996)));
    });

    [Theory(Timeout = 5_000)]
    [InlineData(16, 9)]
    [InlineData(16, -1)]
    [InlineData(16, long.MaxValue)]
    [InlineData(4, 0)]
    public Task GivenAPlaceNotWhollyInside_WhenReferredTo_ThenItIsRefused(long length, long offset) => Blocking.Run(() =>
    {
        SharedMemory memory = SharedMemory.Create("small", length);

        Assert.Throws<ArgumentOutOfRangeException>(() => memory.At<ulong>(offset));
    });

    [Fact(Timeout = 5_000)]
    public Task GivenADescriptorThatIsNoMemory_WhenOpened_ThenTheErrorNamesTheCall() => Blocking.Run(() =>
    {
        using EventCounter counter = EventCounter.CreateFlag();

        ErrnoException error = Assert.Throws<ErrnoException>(() => SharedMemory.Open(counter));

        Assert.Contains(error.Call, (string[])["lseek", "mmap"]);
    });
}
