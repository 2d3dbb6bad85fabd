using System.Globalization;

namespace Scanner.Linux.Mounts;

/// <summary>One line of /proc/PID/mountinfo (proc(5)).</summary>
/// <param name="Id">The mount's id; reused after an unmount.</param>
/// <param name="Filesystem">The file system's device number; every mount of one file system shows the same.</param>
/// <param name="Root">The directory inside the file system that the mount shows.</param>
/// <param name="MountPoint">Where it is mounted, seen from the root of the process that opened the table.</param>
/// <param name="Type">The file system's type, for example <c>ext4</c> or <c>fuse.sshfs</c>.</param>
/// <param name="SuperOptions">The file system's options, comma separated.</param>
public sealed record MountEntry(
    int Id, DeviceNumber Filesystem, BytePath Root, BytePath MountPoint, string Type, string SuperOptions)
{
    /// <summary>Whether it shows other owners than the files have (mount_setattr(2), Linux 5.12).</summary>
    public bool IsIdmapped { get; init; }

    /// <summary>The value of an option of the file system, or <c>null</c>.</summary>
    public string? Option(string name)
    {
        foreach (string option in SuperOptions.Split(','))
        {
            if (option.StartsWith(name, StringComparison.Ordinal) && option.Length > name.Length
                && option[name.Length] == '=')
            {
                return option[(name.Length + 1)..];
            }
        }

        return null;
    }

    /// <summary>Where a path below the mount point lies inside the file system.</summary>
    public BytePath PathInside(ReadOnlySpan<byte> path)
    {
        ReadOnlySpan<byte> rest = MountPoint.Bytes.Length == 1 ? path : path[MountPoint.Bytes.Length..];
        ReadOnlySpan<byte> root = Root.Bytes.Length == 1 ? default : Root.Bytes;
        return new BytePath(rest is [] or [(byte)'/'] ? Root.Bytes : [.. root, .. rest]);
    }

    internal static MountEntry Parse(ReadOnlySpan<byte> line)
    {
        int id = int.Parse(NextField(ref line), CultureInfo.InvariantCulture);
        _ = NextField(ref line);
        DeviceNumber device = DeviceNumber.Parse(NextField(ref line));
        BytePath root = Unescape(NextField(ref line));
        BytePath mountPoint = Unescape(NextField(ref line));
        bool isIdmapped = HasOption(NextField(ref line), "idmapped"u8);
        while (!NextField(ref line).SequenceEqual("-"u8))
        {
            // Any number of optional fields stand before the dash.
        }

        string type = Unescape(NextField(ref line)).ToString();
        _ = NextField(ref line);
        return new MountEntry(id, device, root, mountPoint, type, Unescape(NextField(ref line)).ToString())
        {
            IsIdmapped = isIdmapped,
        };
    }

    private static bool HasOption(ReadOnlySpan<byte> options, ReadOnlySpan<byte> name)
    {
        foreach (Range option in options.Split((byte)','))
        {
            if (options[option].SequenceEqual(name))
            {
                return true;
            }
        }

        return false;
    }

    private static ReadOnlySpan<byte> NextField(ref ReadOnlySpan<byte> line)
    {
        if (line.IsEmpty)
        {
            throw new FormatException("A line of mountinfo ends too early.");
        }

        int end = line.IndexOf((byte)' ');
        ReadOnlySpan<byte> field = end < 0 ? line : line[..end];
        line = end < 0 ? default : line[(end + 1)..];
        return field;
    }

    /// <summary>
    /// The kernel writes space, tab, newline, backslash and '#' as a backslash and three octal digits.
    /// </summary>
    private static BytePath Unescape(ReadOnlySpan<byte> field)
    {
        Span<byte> bytes = new byte[field.Length];
        int length = 0;
        for (int i = 0; i < field.Length; i++)
        {
            if (field[i] == (byte)'\\' && i + 3 < field.Length)
            {
                bytes[length++] = (byte)(
                    ((field[i + 1] - '0') << 6) | ((field[i + 2] - '0') << 3) | (field[i + 3] - '0'));
                i += 3;
            }
            else
            {
                bytes[length++] = field[i];
            }
        }

        return new BytePath(bytes[..length]);
    }
}
