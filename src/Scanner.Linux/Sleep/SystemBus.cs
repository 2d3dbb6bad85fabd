using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Scanner.Linux.Sleep;

/// <summary>A connection to the system's message bus (sd-bus(3), D-Bus specification). One thread only.</summary>
/// <remarks>
/// By libsystemd, which comes with systemd. Only such of its calls are used as take a fixed number of arguments.
/// </remarks>
internal sealed partial class SystemBus : SafeHandleZeroOrMinusOneIsInvalid
{
    internal const string Library = "libsystemd.so.0";
    internal const string BusName = "org.freedesktop.DBus";

    private const ulong CallMicroseconds = 2_000_000;

    public SystemBus()
        : base(ownsHandle: true)
    {
    }

    /// <exception cref="ErrnoException">There is no such bus here, or no library to reach it.</exception>
    public static SystemBus Open()
    {
        if (!NativeLibrary.TryLoad(Library, out _))
        {
            throw ErrnoException.From(Errno.ENOENT, "dlopen", Library);
        }

        int result = Native.sd_bus_open_system(out SystemBus bus);
        if (result >= 0)
        {
            return bus;
        }

        bus.Dispose();
        throw ErrnoException.From((Errno)(-result), nameof(Native.sd_bus_open_system));
    }

    /// <summary>Calls a method whose arguments are texts, and waits two seconds at most for the answer.</summary>
    /// <exception cref="ErrnoException">Nobody has that name, or it refuses.</exception>
    public BusMessage Call(string name, string path, string type, string method, params ReadOnlySpan<string> arguments)
    {
        Check(
            Native.sd_bus_message_new_method_call(this, out BusMessage call, name, path, type, method),
            nameof(Native.sd_bus_message_new_method_call));
        using (call)
        {
            foreach (string argument in arguments)
            {
                call.Append(argument);
            }

            int result = Native.sd_bus_call(this, call, CallMicroseconds, error: 0, out BusMessage answer);
            if (result >= 0)
            {
                return answer;
            }

            answer.Dispose();
            throw ErrnoException.From((Errno)(-result), method, name);
        }
    }

    /// <summary>Has signals delivered that a rule describes.</summary>
    /// <exception cref="ErrnoException">The bus refuses.</exception>
    public void Subscribe(string rule) =>
        Call(BusName, "/org/freedesktop/DBus", BusName, "AddMatch", rule).Dispose();

    /// <summary>What is there to be read when a message has come.</summary>
    /// <exception cref="ErrnoException">No descriptor is left.</exception>
    public Descriptor CopyDescriptor()
    {
        int number = Native.sd_bus_get_fd(this);
        Check(number, nameof(Native.sd_bus_get_fd));
        return Descriptor.CopyOf(number);
    }

    /// <summary>Takes the next message that has come.</summary>
    /// <exception cref="ErrnoException">The bus has gone.</exception>
    public BusMessage? TryTake()
    {
        while (true)
        {
            int result = Native.sd_bus_process(this, out BusMessage message);
            if (result > 0 && !message.IsInvalid)
            {
                return message;
            }

            message.Dispose();
            Check(result, nameof(Native.sd_bus_process));
            if (result == 0)
            {
                return null;
            }
        }
    }

    /// <param name="result">What a call of the library has returned: a negative error number if it failed.</param>
    /// <param name="call">Its name.</param>
    internal static void Check(int result, string call)
    {
        if (result < 0)
        {
            throw ErrnoException.From((Errno)(-result), call);
        }
    }

    protected override bool ReleaseHandle()
    {
        // Not sd_bus_close_unref(), which systemd has from version 241 on only.
        Native.sd_bus_close(handle);
        _ = Native.sd_bus_unref(handle);
        return true;
    }

    private static partial class Native
    {
        [LibraryImport(Library)]
        internal static partial int sd_bus_open_system(out SystemBus bus);

        [LibraryImport(Library)]
        internal static partial void sd_bus_close(nint bus);

        [LibraryImport(Library)]
        internal static partial nint sd_bus_unref(nint bus);

        [LibraryImport(Library)]
        internal static partial int sd_bus_get_fd(SystemBus bus);

        [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
        internal static partial int sd_bus_message_new_method_call(
            SystemBus bus, out BusMessage message, string destination, string path, string type, string member);

        [LibraryImport(Library)]
        internal static partial int sd_bus_call(
            SystemBus bus, BusMessage message, ulong microseconds, nint error, out BusMessage reply);

        [LibraryImport(Library)]
        internal static partial int sd_bus_process(SystemBus bus, out BusMessage message);
    }
}
