using System.Buffers.Text;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Unicode;
using Scanner.Linux.Files;

namespace Scanner.Linux.Processes;

/// <summary>What a process that waits in open(2) asks for: an event does not carry its flags, but /proc does.</summary>
/// <remarks>
/// The registers in /proc/PID/task/TID/syscall are those with which the system call was entered, and cannot change
/// while the task waits. Whose they are is another matter. Seen to lie on Linux 6.18:
/// A worker of io_uring shows a copy of its creator's. So a process with more than one task tells nothing. The tasks
/// are to be counted after the event was read and while its opener waits: then it is among them, and while the only
/// task waits nobody makes another.
/// What io_uring does on the way out of a system call shows the registers of that call, which has ended. And an overlay
/// opens a file of its lower layer for reading while somebody opens the file above for writing. So the kernel's stack
/// has to lead straight from the call to the open that asks; it is known by the names of functions, and a kernel where
/// they have others tells nothing.
/// openat2(2) has its flags in memory, which others may change, and the numbers of 32-bit calls are others.
/// While a process executes another program, reading either file waits until it has closed what it does not keep, and
/// a FUSE server can let that last for ever. So it is not for a thread on which others wait. Counting does not wait.
/// </remarks>
public sealed partial class WaitingOpens : Descriptor
{
    /// <summary>The links of a directory without others; each task is one more (proc(5), /proc/PID/task).</summary>
    private const int OwnLinks = 2;

    private const int LongestFile = 4096;
    private const int LongestPath = 64;

    private WaitingOpens(int number)
        : base(number)
    {
    }

    /// <summary>Where the kernel asks for permission.</summary>
    private static ReadOnlySpan<byte> AskingFunction => "do_dentry_open"u8;

    /// <summary>Opens /proc.</summary>
    /// <returns><c>null</c> if its process ids are not the ones that this process knows others by.</returns>
    public static WaitingOpens? TryOpen() => TryOpen("/proc");

    internal static WaitingOpens? TryOpen(string place)
    {
        int number = Native.open(place, Native.O_PATH | Native.O_CLOEXEC, 0);
        WaitingOpens? opens = number >= 0 ? new WaitingOpens(number) : null;
        if (opens is null || !opens.ShowsOwnNamespace())
        {
            opens?.Dispose();
            return null;
        }

        // A dry run: the first opener is not to wait for the compiler.
        _ = opens.TryGetCall(Environment.ProcessId, out _, out _);
        _ = opens.LeadsToOpen(Environment.ProcessId, []);
        return opens;
    }

    /// <summary>
    /// Whether the open in which a process waits can write the file but not read it. Its answer holds only for an event
    /// that is still not answered afterwards.
    /// </summary>
    /// <returns><c>false</c> also where that cannot be told.</returns>
    public bool IsForWritingOnly(int processId) => HasOneTask(processId)
        && TryGetCall(processId, out long number, out int flags)
        && FunctionOf(number) is { IsEmpty: false } function
        && (flags & Native.O_ACCMODE) == Native.O_WRONLY
        && LeadsToOpen(processId, function);

    /// <summary>The kernel's functions of the calls whose flags are in a register.</summary>
    private static ReadOnlySpan<byte> FunctionOf(long number) => number switch
    {
        Native.SYS_open => "__x64_sys_open"u8,
        Native.SYS_openat => "__x64_sys_openat"u8,
        Native.SYS_creat => "__x64_sys_creat"u8,
        _ => [],
    };

    /// <summary>What lies between the call and the open in a plain open (Linux 5.10 to 6.18).</summary>
    private static bool IsBetween(ReadOnlySpan<byte> function) =>
        function.SequenceEqual("vfs_open"u8) || function.SequenceEqual("do_open"u8)
        || function.SequenceEqual("path_openat"u8) || function.SequenceEqual("do_filp_open"u8)
        || function.SequenceEqual("do_sys_openat2"u8) || function.SequenceEqual("do_sys_open"u8);

    private bool HasOneTask(int processId)
    {
        Span<byte> path = stackalloc byte[LongestPath];
        _ = Utf8.TryWrite(path, $"{processId}/task\0", out _);
        return Native.statx(Number, path, 0, Native.STATX_NLINK, out StatxBuffer status) == 0
            && status.LinkCount == OwnLinks + 1;
    }

    /// <summary>As in "257 0xffffff9c 0x7ffd49e4a923 0x1 ...": the number and the arguments.</summary>
    private bool TryGetCall(int processId, out long number, out int flags)
    {
        Span<byte> text = stackalloc byte[LongestFile];
        ReadOnlySpan<byte> rest = text[..Read(processId, "syscall", text)];
        flags = 0;
        if (!Utf8Parser.TryParse(rest, out number, out _))
        {
            return false;
        }

        // Neither is passed by creat(2), which means O_CREAT | O_WRONLY | O_TRUNC.
        int argument = number == Native.SYS_openat ? 3 : 2;
        if (number == Native.SYS_creat)
        {
            flags = Native.O_WRONLY;
            return true;
        }

        int at = 0;
        foreach (Range range in rest.Split((byte)' '))
        {
            ReadOnlySpan<byte> word = rest[range];
            if (at++ == argument)
            {
                // The kernel looks at the lower half only.
                ulong value = 0;
                bool isRead = word.StartsWith("0x"u8) && Utf8Parser.TryParse(word[2..], out value, out _, 'x');
                flags = (int)value;
                return isRead;
            }
        }

        return false;
    }

    /// <summary>As in "[&lt;0&gt;] do_dentry_open+0x144/0x430", a line for each, the innermost first.</summary>
    private bool LeadsToOpen(int processId, ReadOnlySpan<byte> call)
    {
        Span<byte> text = stackalloc byte[LongestFile];
        ReadOnlySpan<byte> stack = text[..Read(processId, "stack", text)];
        bool isAsked = false;
        foreach (Range range in stack.Split((byte)'\n'))
        {
            ReadOnlySpan<byte> function = FunctionIn(stack[range]);
            if (!isAsked)
            {
                isAsked = function.SequenceEqual(AskingFunction);
            }
            else if (!IsBetween(function))
            {
                return function.SequenceEqual(call);
            }
        }

        return false;
    }

    /// <summary>The name, without what a compiler appends to it for a part or a copy of the function.</summary>
    private static ReadOnlySpan<byte> FunctionIn(ReadOnlySpan<byte> line)
    {
        ReadOnlySpan<byte> name = line[(line.IndexOf((byte)' ') + 1)..];
        return name[..Math.Max(0, name.IndexOfAny((byte)'+', (byte)'.'))];
    }

    /// <summary>Bytes read of a file of a process's first task; none if it is gone or may not be looked at.</summary>
    private int Read(int processId, string name, Span<byte> text)
    {
        Span<byte> path = stackalloc byte[LongestPath];
        _ = Utf8.TryWrite(path, $"{processId}/task/{processId}/{name}\0", out _);
        return Read(path, text);
    }

    private int Read(ReadOnlySpan<byte> path, Span<byte> text)
    {
        int file = Native.openat(this, path, Native.O_CLOEXEC, 0);
        if (file < 0)
        {
            return 0;
        }

        nint length = Native.read(file, text, text.Length);
        _ = Native.close(file);
        return (int)Math.Max(0, length);
    }

    /// <summary>NSpid has an id for each namespace, from that of /proc down to the process's own (proc(5)).</summary>
    private bool ShowsOwnNamespace()
    {
        Span<byte> text = stackalloc byte[LongestFile];
        string status = Encoding.ASCII.GetString(text[..Read("self/status\0"u8, text)]);
        string? line = status.Split('\n').FirstOrDefault(line => line.StartsWith("NSpid:", StringComparison.Ordinal));
        return line is not null && line.Split('\t')[1..] is [string only] && only == $"{Environment.ProcessId}";
    }

    private static partial class Native
    {
        internal const int O_WRONLY = 1;
        internal const int O_ACCMODE = 3;
        internal const int O_CLOEXEC = 0x80000;
        internal const int O_PATH = 0x200000;
        internal const uint STATX_NLINK = 0x4;
        internal const long SYS_open = 2;
        internal const long SYS_creat = 85;
        internal const long SYS_openat = 257;

        [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
        internal static partial int open(string path, int flags, uint mode);

        [LibraryImport("libc", SetLastError = true)]
        internal static partial int openat(WaitingOpens directory, ReadOnlySpan<byte> path, int flags, uint mode);

        [LibraryImport("libc", SetLastError = true)]
        internal static partial int statx(
            int directory, ReadOnlySpan<byte> path, int flags, uint mask, out StatxBuffer buffer);

        [LibraryImport("libc", SetLastError = true)]
        internal static partial nint read(int fd, Span<byte> buffer, nint count);

        [LibraryImport("libc", SetLastError = true)]
        internal static partial int close(int fd);
    }
}
