using System.Runtime.InteropServices;

namespace Scanner.Linux.Processes;

/// <summary>The user namespace that a process is in (user_namespaces(7), ioctl_nsfs(2)).</summary>
public static partial class UserNamespace
{
    private static readonly string? s_own = Name("self");

    /// <summary>Who made the namespace that a process is in, if it is not the caller's own.</summary>
    /// <remarks>
    /// A user may have thousands of ids inside of a namespace of theirs (subuid(5)), and makes further namespaces with
    /// them, so the outermost one counts. What root made says nothing: containers of many users are in such.
    /// </remarks>
    /// <returns>
    /// <c>null</c> for the caller's own namespace, those that only root made, and a process that is gone.
    /// </returns>
    public static uint? OwnerOf(int processId)
    {
        string? name = processId > 0 ? Name($"{processId}") : null;
        if (name is null || name == s_own)
        {
            return null;
        }

        uint? owner = null;
        Descriptor? level = TryOpen(processId);
        while (level is not null)
        {
            using Descriptor present = level;
            if (Native.ioctl(present, Native.NS_GET_OWNER_UID, out uint user) == 0 && user != 0)
            {
                owner = user;
            }

            // EPERM beyond the caller's own.
            int parent = Native.ioctl(present, Native.NS_GET_PARENT, 0);
            level = parent >= 0 ? new Descriptor(parent) : null;
        }

        return owner;
    }

    private static string? Name(string process)
    {
        try
        {
            return new FileInfo($"/proc/{process}/ns/user").LinkTarget;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static Descriptor? TryOpen(int processId)
    {
        try
        {
            return Descriptor.OpenRead($"/proc/{processId}/ns/user");
        }
        catch (ErrnoException)
        {
            return null;
        }
    }

    private static partial class Native
    {
        internal const nuint NS_GET_PARENT = 0xB702;
        internal const nuint NS_GET_OWNER_UID = 0xB704;

        [LibraryImport("libc", SetLastError = true)]
        internal static partial int ioctl(Descriptor descriptor, nuint request, out uint user);

        [LibraryImport("libc", SetLastError = true)]
        internal static partial int ioctl(Descriptor descriptor, nuint request, nint nothing);
    }
}
