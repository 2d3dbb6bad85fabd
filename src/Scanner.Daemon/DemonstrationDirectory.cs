using System.Globalization;
using System.Text;
using Scanner.Journal;
using Scanner.Linux;
using Scanner.Linux.Mounts;

namespace Scanner.Daemon;

/// <summary>A small file system with a clean and an infected file, for somebody who wants to see it work.</summary>
/// <remarks>
/// It is mounted in the host's namespace, before the process leaves it, so that everybody sees it; it is unmounted
/// there by going back. A file beside it says whose it is, so that what a killed process left is cleared away.
/// </remarks>
internal static class DemonstrationDirectory
{
    public const string Path = "/run/scanner/try";

    private const string Parent = "/run/scanner";
    private const string OwnerFile = "/run/scanner/try.pid";
    private const UnixFileMode ForAll =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    public static string CleanFile => $"{Path}/clean.txt";

    public static string InfectedFile => $"{Path}/eicar.com";

    /// <summary>Mounts and fills it.</summary>
    /// <exception cref="ErrnoException">It cannot be mounted.</exception>
    /// <exception cref="IOException">Another process has one, or it cannot be written.</exception>
    public static void Create()
    {
        if (FindOwner() is int owner && owner != Environment.ProcessId)
        {
            throw new IOException($"process {owner} is already running it in {Path}");
        }

        RemoveHere();
        Directory.CreateDirectory(Path);
        File.WriteAllText(OwnerFile, Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
        Mount.Tmpfs(Path, "size=1m,mode=755");
        Write(CleanFile, "This file is clean.\n");

        // In two pieces, or other scanners would take this program for the test file.
        Write(InfectedFile, string.Concat(@"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-", "STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"));
    }

    /// <summary>Takes it away, if it is this process's; called from the private namespace.</summary>
    public static void Remove(DescriptorPlan plan)
    {
        if (FindOwner() == Environment.ProcessId)
        {
            using MountNamespace host = new(Descriptor.Inherited(plan.HostNamespace));
            host.Run(RemoveHere);
        }
    }

    /// <summary>Takes it away again, if it is this process's; called in the host's namespace.</summary>
    public static void RemoveOwn()
    {
        if (FindOwner() == Environment.ProcessId)
        {
            RemoveHere();
        }
    }

    private static void RemoveHere()
    {
        while (IsMounted())
        {
            Mount.Detach(new BytePath(Path));
        }

        if (!Directory.Exists(Parent))
        {
            return;
        }

        if (Directory.Exists(Path))
        {
            Directory.Delete(Path);
        }

        File.Delete(OwnerFile);
        if (!Directory.EnumerateFileSystemEntries(Parent).Any())
        {
            Directory.Delete(Parent);
        }
    }

    private static bool IsMounted()
    {
        BytePath path = new(Path);
        using MountTable table = MountTable.OpenOwn();
        return table.Read().Any(entry => entry.MountPoint.Equals(path));
    }

    /// <summary>The process that has made it and still runs.</summary>
    private static int? FindOwner()
    {
        try
        {
            int owner = int.Parse(File.ReadAllText(OwnerFile), CultureInfo.InvariantCulture);
            string[] command = File.ReadAllText($"/proc/{owner}/cmdline").Split('\0');
            return command.Contains("supervisor") || owner == Environment.ProcessId ? owner : null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or FormatException)
        {
            return null;
        }
    }

    private static void Write(string path, string text)
    {
        File.WriteAllText(path, text, Encoding.ASCII);
        File.SetUnixFileMode(path, ForAll);
    }
}
