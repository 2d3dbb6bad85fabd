namespace Scanner.Linux.Mounts;

/// <summary>The mount table of the mount namespace that a thread was in when it opened it.</summary>
/// <remarks>
/// An open mountinfo stays bound to the namespace of its opening, also across unshare(2) and execve(2), and
/// poll(2) reports a change of it as POLLPRI once to each open file description (seen on Linux 6.18). A change that
/// came before the description was added to a poller may be reported to nobody: read the table after adding it.
/// </remarks>
public sealed class MountTable : IDisposable
{
    private const int MaxAttempts = 100;

    private readonly Descriptor _descriptor;

    /// <summary>Takes over an open mountinfo.</summary>
    public MountTable(Descriptor descriptor) => _descriptor = descriptor;

    /// <summary>The table of the calling thread's namespace, also inside <see cref="MountNamespace.Run"/>.</summary>
    /// <exception cref="ErrnoException">/proc is not mounted.</exception>
    public static MountTable OpenOwn() => new(Descriptor.OpenRead("/proc/thread-self/mountinfo"));

    /// <summary>What <see cref="Poller"/> waits on for a change.</summary>
    public Descriptor Descriptor => _descriptor;

    public void Dispose() => _descriptor.Dispose();

    /// <summary>Reads the whole table as it is now.</summary>
    /// <exception cref="ErrnoException">
    /// The table cannot be read; EAGAIN when it kept changing while another process read it too.
    /// </exception>
    public IReadOnlyList<MountEntry> Read()
    {
        List<MountEntry> entries = [];
        ReadOnlySpan<byte> rest = ReadStable();
        while (!rest.IsEmpty)
        {
            int end = rest.IndexOf((byte)'\n');
            ReadOnlySpan<byte> line = end < 0 ? rest : rest[..end];
            rest = end < 0 ? default : rest[(end + 1)..];
            entries.Add(MountEntry.Parse(line));
        }

        return entries;
    }

    /// <summary>
    /// The kernel gives a few lines at a time and goes on after the last one given. If another process has read from
    /// the same file description meanwhile, it goes on at a byte offset instead, which is in the middle of a line if
    /// the table has changed. What two passes agree on is whole.
    /// </summary>
    private ReadOnlySpan<byte> ReadStable()
    {
        ReadOnlySpan<byte> previous = ReadOnce();
        for (int attempt = 0; attempt < MaxAttempts; attempt++)
        {
            ReadOnlySpan<byte> current = ReadOnce();
            if (current.SequenceEqual(previous))
            {
                return current;
            }

            previous = current;
        }

        throw ErrnoException.From(Errno.EAGAIN, "read", "mountinfo");
    }

    private ReadOnlySpan<byte> ReadOnce()
    {
        // By position, because the file description, and so its position, is shared with the supervisor's copy.
        byte[] bytes = new byte[16 * 1024];
        int length = 0;
        while (true)
        {
            Errno error = _descriptor.Content.TryRead(bytes.AsSpan(length), length, out int count);
            if (error != Errno.None)
            {
                throw ErrnoException.From(error, "read", "mountinfo");
            }

            if (count == 0)
            {
                return bytes.AsSpan(0, length);
            }

            length += count;
            if (length == bytes.Length)
            {
                Array.Resize(ref bytes, bytes.Length * 2);
            }
        }
    }
}
