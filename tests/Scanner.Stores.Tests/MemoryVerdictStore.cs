using Scanner.Core.Caching;
using Scanner.Core.Scanning;

namespace Scanner.Stores.Tests;

/// <summary>The simplest store that does what a store must: the contract asks for nothing of SQLite's.</summary>
internal sealed class MemoryVerdictStore : IVerdictStore
{
    private readonly Lock _lock = new();
    private readonly Dictionary<FileIdentity, FileRow> _files = [];
    private readonly Dictionary<string, ContentRow> _contents = [];
    private VerdictStoreCounters _counters;
    private bool _isClosed;

    public VerdictStoreCounters Counters
    {
        get
        {
            lock (_lock)
            {
                return _counters;
            }
        }
    }

    public bool TryGet(in FileVersion version, string epoch, out Verdict verdict)
    {
        lock (_lock)
        {
            verdict = default;
            if (_isClosed || !_files.TryGetValue(version.File, out FileRow row))
            {
                _counters = _counters with { Misses = _counters.Misses + 1 };
                return false;
            }

            if (row.Version != version)
            {
                _counters = _counters with { RefusedVersion = _counters.RefusedVersion + 1 };
                return false;
            }

            return Answer(row.Epoch == epoch, row.Verdict, out verdict);
        }
    }

    public bool TryGet(in ContentDigest content, string epoch, out Verdict verdict)
    {
        lock (_lock)
        {
            verdict = default;
            if (_isClosed || !_contents.TryGetValue(Convert.ToHexString(content), out ContentRow row))
            {
                _counters = _counters with { Misses = _counters.Misses + 1 };
                return false;
            }

            return Answer(row.Epoch == epoch, row.Verdict, out verdict);
        }
    }

    public void Keep(in FileVersion version, string epoch, Verdict verdict)
    {
        lock (_lock)
        {
            if (MayKeep(verdict))
            {
                _files[version.File] = new FileRow(version, epoch, verdict);
            }
        }
    }

    public void Keep(in ContentDigest content, string epoch, Verdict verdict)
    {
        lock (_lock)
        {
            if (MayKeep(verdict))
            {
                _contents[Convert.ToHexString(content)] = new ContentRow(epoch, verdict);
            }
        }
    }

    public void Forget(FileIdentity file)
    {
        lock (_lock)
        {
            _files.Remove(file);
        }
    }

    public Task FlushAsync() => Task.CompletedTask;

    public void Dispose()
    {
        lock (_lock)
        {
            _isClosed = true;
        }
    }

    private readonly record struct FileRow(FileVersion Version, string Epoch, Verdict Verdict);

    private readonly record struct ContentRow(string Epoch, Verdict Verdict);

    private bool MayKeep(Verdict verdict)
    {
        bool may = !_isClosed && verdict is { Kind: VerdictKind.Clean or VerdictKind.Infected, StandIn: null };
        _counters = _counters with { Kept = _counters.Kept + (may ? 1 : 0) };
        return may;
    }

    private bool Answer(bool isOfEpoch, Verdict known, out Verdict verdict)
    {
        verdict = isOfEpoch ? known : default;
        _counters = isOfEpoch
            ? _counters with { Hits = _counters.Hits + 1 }
            : _counters with { RefusedEpoch = _counters.RefusedEpoch + 1 };
        return isOfEpoch;
    }
}
