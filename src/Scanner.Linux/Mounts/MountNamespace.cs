using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;

namespace Scanner.Linux.Mounts;

/// <summary>A mount namespace, and ways into one.</summary>
/// <remarks>
/// A multi-threaded process cannot change its namespace; a thread that no longer shares its file system attributes
/// with the others can (unshare(2), setns(2)). <see cref="EnterPrivate"/> relies on the execve(2) that must follow:
/// it ends all other threads, so that the whole process is in the namespace of the calling one.
/// </remarks>
public sealed partial class MountNamespace : IDisposable
{
    private readonly Descriptor _descriptor;

    /// <summary>Takes over a descriptor of a namespace.</summary>
    public MountNamespace(Descriptor descriptor) => _descriptor = descriptor;

    public Descriptor Descriptor => _descriptor;

    /// <summary>The calling thread's namespace.</summary>
    /// <exception cref="ErrnoException">/proc is not mounted.</exception>
    public static MountNamespace OpenOwn() => new(Descriptor.OpenRead("/proc/thread-self/ns/mnt"));

    public void Dispose() => _descriptor.Dispose();

    /// <summary>
    /// Moves the calling thread into a new namespace that receives mounts from the old one and gives none back.
    /// </summary>
    /// <exception cref="ErrnoException">EPERM without CAP_SYS_ADMIN.</exception>
    public static void EnterPrivate()
    {
        if (Native.unshare(Native.CLONE_NEWNS) < 0)
        {
            throw ErrnoException.Last(nameof(Native.unshare));
        }

        Mount.MakeSlave();
    }

    /// <summary>Runs an action in this namespace, on a thread of its own that ends with it.</summary>
    /// <exception cref="ErrnoException">The namespace cannot be entered, or the action's own error.</exception>
    public void Run(Action action)
    {
        ExceptionDispatchInfo? failure = null;
        Thread thread = new(() =>
        {
            try
            {
                Enter();
                action();
            }
            catch (Exception error)
            {
                failure = ExceptionDispatchInfo.Capture(error);
            }
        });
        thread.Start();
        thread.Join();
        failure?.Throw();
    }

    private void Enter()
    {
        if (Native.unshare(Native.CLONE_FS) < 0)
        {
            throw ErrnoException.Last(nameof(Native.unshare));
        }

        if (Native.setns(_descriptor, Native.CLONE_NEWNS) < 0)
        {
            throw ErrnoException.Last(nameof(Native.setns));
        }
    }

    private static partial class Native
    {
        internal const int CLONE_FS = 0x200;
        internal const int CLONE_NEWNS = 0x20000;

        [LibraryImport("libc", SetLastError = true)]
        internal static partial int unshare(int flags);

        [LibraryImport("libc", SetLastError = true)]
        internal static partial int setns(Descriptor descriptor, int type);
    }
}
