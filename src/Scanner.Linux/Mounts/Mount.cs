using System.Runtime.InteropServices;

namespace Scanner.Linux.Mounts;

/// <summary>mount(2) and umount2(2), as far as the scanner mounts anything.</summary>
public static partial class Mount
{
    /// <summary>Mounts an empty tmpfs.</summary>
    /// <param name="directory">The mount point; it must exist.</param>
    /// <param name="options">For example <c>size=1m,mode=755</c> (tmpfs(5)).</param>
    /// <exception cref="ErrnoException">It cannot be mounted.</exception>
    public static void Tmpfs(string directory, string options)
    {
        if (Native.mount("scanner", directory, "tmpfs", Native.MS_NOSUID | Native.MS_NODEV, options) < 0)
        {
            throw ErrnoException.Last(nameof(Native.mount), directory);
        }
    }

    /// <summary>Takes a mount out of the tree at once; it goes when its last user does (MNT_DETACH).</summary>
    /// <exception cref="ErrnoException">EINVAL where nothing is mounted.</exception>
    public static void Detach(BytePath directory) => Detach(directory, Native.UMOUNT_NOFOLLOW);

    /// <summary>
    /// As <see cref="Detach(BytePath)"/>, of just the mount whose root was opened, whatever its path is now.
    /// </summary>
    /// <exception cref="ErrnoException">EINVAL where it is no mount's root.</exception>
    public static void Detach(Descriptor root) => Detach(root.SelfPath, 0);

    /// <summary>Lets no mount of the calling thread's namespace propagate out of it any more.</summary>
    internal static void MakeSlave()
    {
        if (Native.mount("none", "/", null, Native.MS_REC | Native.MS_SLAVE, null) < 0)
        {
            throw ErrnoException.Last(nameof(Native.mount), "/ as slave");
        }
    }

    private static void Detach(BytePath directory, int flags)
    {
        if (Native.umount2(directory.Terminated, Native.MNT_DETACH | flags) < 0)
        {
            throw ErrnoException.Last(nameof(Native.umount2), directory.ToString());
        }
    }

    private static partial class Native
    {
        internal const ulong MS_NOSUID = 2;
        internal const ulong MS_NODEV = 4;
        internal const ulong MS_REC = 0x4000;
        internal const ulong MS_SLAVE = 0x80000;
        internal const int MNT_DETACH = 2;
        internal const int UMOUNT_NOFOLLOW = 8;

        [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
        internal static partial int mount(string source, string target, string? type, ulong flags, string? data);

        [LibraryImport("libc", SetLastError = true)]
        internal static partial int umount2(ReadOnlySpan<byte> target, int flags);
    }
}
