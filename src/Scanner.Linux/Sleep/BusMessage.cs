using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Scanner.Linux.Sleep;

/// <summary>A message of a bus (sd-bus(3)): a call being made, an answer, or a signal.</summary>
internal sealed partial class BusMessage : SafeHandleZeroOrMinusOneIsInvalid
{
    private const byte StringType = (byte)'s';
    private const byte BooleanType = (byte)'b';
    private const byte DescriptorType = (byte)'h';

    public BusMessage()
        : base(ownsHandle: true)
    {
    }

    /// <summary>The unique name of who sent it, as the bus says, which nobody can choose.</summary>
    public string? Sender => Marshal.PtrToStringUTF8(Native.sd_bus_message_get_sender(this));

    public bool IsSignal(string type, string member) => Native.sd_bus_message_is_signal(this, type, member) > 0;

    public void Append(string text) =>
        SystemBus.Check(
            Native.sd_bus_message_append_basic(this, StringType, text), nameof(Native.sd_bus_message_append_basic));

    public string? ReadString()
    {
        Check(Native.sd_bus_message_read_basic(this, StringType, out nint text));
        return Marshal.PtrToStringUTF8(text);
    }

    public bool ReadBoolean()
    {
        Check(Native.sd_bus_message_read_basic(this, BooleanType, out int value));
        return value != 0;
    }

    /// <summary>A copy of the descriptor in it: the message's own goes with the message.</summary>
    public Descriptor ReadDescriptor()
    {
        Check(Native.sd_bus_message_read_basic(this, DescriptorType, out int number));
        return Descriptor.CopyOf(number);
    }

    protected override bool ReleaseHandle()
    {
        _ = Native.sd_bus_message_unref(handle);
        return true;
    }

    private static void Check(int result) => SystemBus.Check(result, nameof(Native.sd_bus_message_read_basic));

    private static partial class Native
    {
        [LibraryImport(SystemBus.Library, StringMarshalling = StringMarshalling.Utf8)]
        internal static partial int sd_bus_message_append_basic(BusMessage message, byte type, string value);

        [LibraryImport(SystemBus.Library)]
        internal static partial int sd_bus_message_read_basic(BusMessage message, byte type, out nint value);

        [LibraryImport(SystemBus.Library)]
        internal static partial int sd_bus_message_read_basic(BusMessage message, byte type, out int value);

        [LibraryImport(SystemBus.Library, StringMarshalling = StringMarshalling.Utf8)]
        internal static partial int sd_bus_message_is_signal(BusMessage message, string type, string member);

        [LibraryImport(SystemBus.Library)]
        internal static partial nint sd_bus_message_get_sender(BusMessage message);

        [LibraryImport(SystemBus.Library)]
        internal static partial nint sd_bus_message_unref(nint message);
    }
}
