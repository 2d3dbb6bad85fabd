using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Scanner.Linux.Fanotify;

namespace Scanner.Linux.Tests.Fanotify;

/// <summary>The layouts of linux/fanotify.h.</summary>
public sealed class LayoutTests
{
    [Theory]
    [InlineData(nameof(EventMetadata.EventLength), 0)]
    [InlineData(nameof(EventMetadata.Version), 4)]
    [InlineData(nameof(EventMetadata.Mask), 8)]
    [InlineData(nameof(EventMetadata.Descriptor), 16)]
    [InlineData(nameof(EventMetadata.ProcessId), 20)]
    public void GivenEventMetadata_WhenLaidOut_ThenTheFieldIsWhereTheKernelPutsIt(string field, int offset) =>
        Assert.Equal(offset, (int)Marshal.OffsetOf<EventMetadata>(field));

    [Fact]
    public void GivenTheStructs_WhenMeasured_ThenTheyHaveTheKernelsSizes() =>
        Assert.Equal((24, 8), (Unsafe.SizeOf<EventMetadata>(), Unsafe.SizeOf<FanotifyResponse>()));

    [Theory]
    [InlineData(EventMask.OpenPermission, 5, true)]
    [InlineData(EventMask.OpenExecPermission, 5, true)]
    [InlineData(EventMask.OpenPermission, -11, false)]
    [InlineData(EventMask.CloseWrite, 5, false)]
    [InlineData(EventMask.QueueOverflow, -1, false)]
    public void GivenAnEvent_WhenAskedWhetherItWaits_ThenOnlyAPermissionEventWithADescriptorDoes(
        EventMask mask, int descriptor, bool wants) =>
        Assert.Equal(wants, new EventMetadata { Mask = mask, Descriptor = descriptor }.WantsReply);
}
