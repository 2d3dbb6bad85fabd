using System.Text;

namespace Scanner.Linux;

/// <summary>A path as the kernel sees it: bytes without a character set, not all of them UTF-8.</summary>
public sealed class BytePath : IEquatable<BytePath>
{
    private readonly byte[] _terminated;

    public BytePath(ReadOnlySpan<byte> bytes)
    {
        _terminated = new byte[bytes.Length + 1];
        bytes.CopyTo(_terminated);
    }

    public BytePath(string path)
        : this(Encoding.UTF8.GetBytes(path))
    {
    }

    /// <summary>The path's bytes, without the terminating NUL.</summary>
    public ReadOnlySpan<byte> Bytes => _terminated.AsSpan(0, _terminated.Length - 1);

    /// <summary>The path's bytes with the terminating NUL that system calls want.</summary>
    internal ReadOnlySpan<byte> Terminated => _terminated;

    /// <summary>Whether this path is <paramref name="directory"/> or lies below it.</summary>
    public static bool IsWithin(ReadOnlySpan<byte> path, ReadOnlySpan<byte> directory)
    {
        if (directory.Length == 1 && directory[0] == (byte)'/')
        {
            return path.Length > 0 && path[0] == (byte)'/';
        }

        return path.StartsWith(directory) && (path.Length == directory.Length || path[directory.Length] == (byte)'/');
    }

    public bool Equals(BytePath? other) => other is not null && Bytes.SequenceEqual(other.Bytes);

    public override bool Equals(object? obj) => Equals(obj as BytePath);

    public override int GetHashCode()
    {
        HashCode hash = default;
        hash.AddBytes(Bytes);
        return hash.ToHashCode();
    }

    /// <summary>The path for people; bytes that are not UTF-8 come out as replacement characters.</summary>
    public override string ToString() => Encoding.UTF8.GetString(Bytes);
}
