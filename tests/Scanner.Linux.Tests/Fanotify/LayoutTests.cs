using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Scanner.Linux.Fanotify;
using Scanner.Testing;

namespace Scanner.Linux.Tests.Fanotify;

/// <summary>The layouts of linux/fanotify.h.</summary>
public sealed class LayoutTests
{
    [Theory(Timeout = 10_000)]
    [InlineData(nameof(EventMetadata.EventLength), 0)]
    [InlineData(nameof(EventMetadata.Version), 4)]
    [InlineData(nameof(EventMetadata.Mask), 8)]
    [InlineData(nameof(EventMetadata.Descriptor), 16)]
    [InlineData(nameof(EventMetadata.ProcessId), 20)]
    public Task GivenEventMetadata_WhenLaidOut_ThenTheFieldIsWhereTheKernelPutsIt(string field, int offset) =>
        Blocking.Run(() => Assert.Equal(offset, (int)Marshal.OffsetOf<EventMetadata>(field)));

    [Fact(Timeout = 10_000)]
    public Task GivenTheStructs_WhenMeasured_ThenTheyHaveTheKernelsSizes() =>
        Blocking.Run(() => Assert.Equal((24, 8), (Unsafe.SizeOf<EventMetadata>(), Unsafe.SizeOf<FanotifyResponse>())));

    [Theory(Timeout = 10_000)]
    [InlineData(EventMask.OpenPermission, 5, true)]
    [InlineData(EventMask.OpenExecPermission, 5, true)]
    [InlineData(EventMask.OpenPermission, -11, false)]
    [InlineData(EventMask.CloseWrite, 5, false)]
    [InlineData(EventMask.QueueOverflow, -1, false)]
    public Task GivenAnEvent_WhenAskedWhetherItWaits_ThenOnlyAPermissionEventWithADescriptorDoes(
        EventMask mask, int descriptor, bool wants) =>
        Blocking.Run(() => Assert.Equal(wants, new EventMetadata { Mask = mask, Descriptor = descriptor }.WantsReply));
}
