using Scanner.Linux.Files;

namespace Scanner.Supervisor;

/// <summary>The kept leases: one for each file of a group, in the order in which they were taken.</summary>
/// <remarks>It has all its memory from the start: neither adding nor removing allocates.</remarks>
internal sealed class LeaseTable
{
    /// <summary>In place of an index.</summary>
    public const int None = -1;

    private readonly Entry[] _entries;
    private readonly Dictionary<PassedFile, int> _byFile;
    private readonly Dictionary<(int Group, ulong Device, ulong Inode), int> _byInode;
    private int _newest = None;
    private int _free;

    public LeaseTable(int capacity)
    {
        _byFile = new Dictionary<PassedFile, int>(capacity);
        _byInode = new Dictionary<(int, ulong, ulong), int>(capacity);
        _entries = new Entry[capacity];
        for (int index = 0; index < capacity; index++)
        {
            _entries[index].Next = index + 1 < capacity ? index + 1 : None;
        }

        _free = capacity > 0 ? 0 : None;
    }

    public int Count => _byFile.Count;

    /// <summary>Leases that can still be added.</summary>
    public int Room => _entries.Length - Count;

    /// <summary>The index of the one that was taken first; <see cref="None"/> if there is none.</summary>
    public int Oldest { get; private set; } = None;

    public KeptLease this[int index] => _entries[index].Lease;

    /// <summary>The index of the one that was taken next.</summary>
    public int After(int index) => _entries[index].Next;

    /// <summary>The index of the one on an open file, or <see cref="None"/>.</summary>
    public int Find(PassedFile file) => _byFile.TryGetValue(file, out int index) ? index : None;

    /// <summary>The index of the one on a file, however it was opened, or <see cref="None"/>.</summary>
    public int Find(int group, ulong device, ulong inode) =>
        _byInode.TryGetValue((group, device, inode), out int index) ? index : None;

    /// <summary>Adds one; there must be room, and none on the same file.</summary>
    /// <returns>Its index, until it is removed.</returns>
    public int Add(in KeptLease lease)
    {
        int index = _free;
        _byFile.Add(lease.File, index);
        _byInode.Add((lease.Group, lease.Device, lease.Inode), index);
        ref Entry entry = ref _entries[index];
        _free = entry.Next;
        entry = new Entry { Lease = lease, Previous = _newest, Next = None };
        if (_newest == None)
        {
            Oldest = index;
        }
        else
        {
            _entries[_newest].Next = index;
        }

        _newest = index;
        return index;
    }

    public void Remove(int index)
    {
        ref Entry entry = ref _entries[index];
        _byFile.Remove(entry.Lease.File);
        _byInode.Remove((entry.Lease.Group, entry.Lease.Device, entry.Lease.Inode));
        if (entry.Previous == None)
        {
            Oldest = entry.Next;
        }
        else
        {
            _entries[entry.Previous].Next = entry.Next;
        }

        if (entry.Next == None)
        {
            _newest = entry.Previous;
        }
        else
        {
            _entries[entry.Next].Previous = entry.Previous;
        }

        entry = new Entry { Next = _free };
        _free = index;
    }

    /// <summary>Linked in the order of taking; a free one only to the next free one.</summary>
    private struct Entry
    {
        public KeptLease Lease;
        public int Previous;
        public int Next;
    }
}
