using System.Runtime.InteropServices;

namespace Scanner.Linux.Processes;

/// <summary>The native side of one posix_spawn(3): file actions, attributes, and the string arrays.</summary>
internal sealed unsafe partial class SpawnActions : IDisposable
{
    // glibc: 80 and 336 bytes on x86-64; musl: 80 and 336 as well. Room to spare costs nothing.
    private const int OpaqueBytes = 1024;

    private readonly SpawnRequest _request;
    private readonly byte* _actions = (byte*)NativeMemory.AllocZeroed(OpaqueBytes);
    private readonly byte* _attributes = (byte*)NativeMemory.AllocZeroed(OpaqueBytes);
    private readonly NativeStrings _arguments;
    private readonly NativeStrings _environment;

    public SpawnActions(SpawnRequest request)
    {
        _request = request;
        _arguments = new NativeStrings(request.Arguments);
        _environment = new NativeStrings(request.Environment);
        Check(Native.posix_spawn_file_actions_init(_actions));
        Check(Native.posix_spawnattr_init(_attributes));

        // Onto itself clears close-on-exec (glibc 2.29 and later).
        foreach (Descriptor descriptor in request.Inherited)
        {
            Check(Native.posix_spawn_file_actions_adddup2(_actions, descriptor.Number, descriptor.Number));
        }

        foreach (int number in request.Reserved)
        {
            Check(Native.posix_spawn_file_actions_addopen(_actions, number, "/dev/null", Native.O_RDONLY, 0));
        }

        byte* signals = stackalloc byte[128];
        Check(Native.sigemptyset(signals));
        Check(Native.posix_spawnattr_setsigmask(_attributes, signals));
        Check(Native.sigfillset(signals));
        Check(Native.posix_spawnattr_setsigdefault(_attributes, signals));
        Check(Native.posix_spawnattr_setpgroup(_attributes, 0));
        Check(Native.posix_spawnattr_setflags(
            _attributes,
            Native.POSIX_SPAWN_SETPGROUP | Native.POSIX_SPAWN_SETSIGDEF | Native.POSIX_SPAWN_SETSIGMASK));
    }

    public Errno Spawn(out int id) =>
        (Errno)Native.posix_spawn(
            out id, _request.Program, _actions, _attributes, _arguments.Pointer, _environment.Pointer);

    public void Dispose()
    {
        _ = Native.posix_spawn_file_actions_destroy(_actions);
        _ = Native.posix_spawnattr_destroy(_attributes);
        NativeMemory.Free(_actions);
        NativeMemory.Free(_attributes);
        _arguments.Dispose();
        _environment.Dispose();
    }

    private static void Check(int error)
    {
        if (error != 0)
        {
            throw ErrnoException.From((Errno)error, "posix_spawn");
        }
    }

    private static partial class Native
    {
        internal const int O_RDONLY = 0;
        internal const short POSIX_SPAWN_SETPGROUP = 0x2;
        internal const short POSIX_SPAWN_SETSIGDEF = 0x4;
        internal const short POSIX_SPAWN_SETSIGMASK = 0x8;

        [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
        internal static partial int posix_spawn(
            out int id, string path, byte* actions, byte* attributes, byte** arguments, byte** environment);

        [LibraryImport("libc")]
        internal static partial int posix_spawn_file_actions_init(byte* actions);

        [LibraryImport("libc")]
        internal static partial int posix_spawn_file_actions_destroy(byte* actions);

        [LibraryImport("libc")]
        internal static partial int posix_spawn_file_actions_adddup2(byte* actions, int from, int to);

        [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
        internal static partial int posix_spawn_file_actions_addopen(
            byte* actions, int number, string path, int flags, uint mode);

        [LibraryImport("libc")]
        internal static partial int posix_spawnattr_init(byte* attributes);

        [LibraryImport("libc")]
        internal static partial int posix_spawnattr_destroy(byte* attributes);

        [LibraryImport("libc")]
        internal static partial int posix_spawnattr_setflags(byte* attributes, short flags);

        [LibraryImport("libc")]
        internal static partial int posix_spawnattr_setpgroup(byte* attributes, int group);

        [LibraryImport("libc")]
        internal static partial int posix_spawnattr_setsigmask(byte* attributes, byte* signals);

        [LibraryImport("libc")]
        internal static partial int posix_spawnattr_setsigdefault(byte* attributes, byte* signals);

        [LibraryImport("libc")]
        internal static partial int sigemptyset(byte* signals);

        [LibraryImport("libc")]
        internal static partial int sigfillset(byte* signals);
    }
}
