using System.Runtime.InteropServices;

namespace Scanner.Core.Caching;

/// <summary>One verdict in a table: 64 bytes, read without a lock while one writer may replace it.</summary>
/// <remarks>
/// A sequence lock: the number is odd while the entry is written and another one afterwards. A reader copies first,
/// then looks whether the number is still the one it began with, and only then at the copy. The barriers keep this
/// order also where the processor would not (ARM).
/// </remarks>
[StructLayout(LayoutKind.Sequential)]
internal struct VerdictEntry
{
    private FileVersion _version;
    private uint _sequence;
    private int _epoch;
    private KnownVerdict _verdict;

    /// <summary>
    /// The slot after this one in its chain, counted from 1; 0 at the end. Written by whoever may write the entry, at
    /// any time: a reader that is led astray finds another file there, or none.
    /// </summary>
    public int Next;

    /// <summary>The file; only for whoever may write the entry, or of a copy.</summary>
    public readonly FileIdentity File => _version.File;

    /// <summary>Whether there is a verdict; only for whoever may write the entry, or of a copy.</summary>
    public readonly bool IsKept => _verdict != default;

    /// <summary>Copies the entry while it may be written.</summary>
    /// <returns><c>false</c> if it was being written: then the copy is worthless.</returns>
    public bool TryCopy(out VerdictEntry copy)
    {
        uint before = Volatile.Read(ref _sequence);
        copy = this;
        Volatile.ReadBarrier();
        return (before & 1) == 0 && Volatile.Read(ref _sequence) == before;
    }

    /// <summary>What a copy is worth for a look-up of its file.</summary>
    public readonly TableCounter Judge(in FileVersion version, int epoch, out KnownVerdict verdict)
    {
        verdict = default;
        if (!IsKept)
        {
            return TableCounter.Miss;
        }

        if (_version != version)
        {
            return TableCounter.VersionChanged;
        }

        if (_epoch != epoch)
        {
            return TableCounter.OtherEpoch;
        }

        verdict = _verdict;
        return TableCounter.Hit;
    }

    /// <summary>Writes the entry; one thread at a time.</summary>
    public void Write(in FileVersion version, int epoch, KnownVerdict verdict)
    {
        _sequence++;
        Volatile.WriteBarrier();
        _version = version;
        _epoch = epoch;
        _verdict = verdict;
        Volatile.Write(ref _sequence, _sequence + 1);
    }
}
