using Scanner.Core.Scanning;

namespace Scanner.Core.Caching;

/// <summary>The verdicts on file versions: those in memory, and behind them those of the store.</summary>
/// <remarks>
/// Asking and keeping are only half of the rule: whoever asks holds a read lease at that moment, and whoever keeps has
/// held one over the whole scan. Both see to that themselves, since the lease is on a descriptor of theirs.
/// The lock is for counting epochs. Readers do not take it while the epoch stays.
/// </remarks>
internal sealed class KnownVerdicts
{
    private readonly IScanEngine _engine;
    private readonly IVerdictStore _store;
    private readonly bool _isOn;
    private readonly Lock _lock = new();
    private readonly VerdictTable _table = new();
    private readonly SignatureNames _names = new();
    private volatile bool _hasKept;
    private volatile bool _believesStore = true;
    private volatile NumberedEpoch _epoch;

    public KnownVerdicts(IScanEngine engine, IVerdictStore store, bool isOn)
    {
        _engine = engine;
        _store = store;
        _isOn = isOn;
        _epoch = new NumberedEpoch(engine.Epoch, 0);
        engine.EpochChanged += () => _ = Current();
    }

    /// <summary>
    /// Raised when the engine has other signatures, and so nothing is known any more, at once and by whoever sees it
    /// first: whoever listens neither allocates nor waits.
    /// </summary>
    public event Action? NewSignatures;

    public TableCounters Counters => _table.Counters;

    public VerdictStoreCounters StoreCounters => _store.Counters;

    /// <summary>Whether looking can find anything at all.</summary>
    public bool IsEmpty => !_hasKept;

    /// <summary>Verdicts in memory.</summary>
    public int Count => _table.Count;

    /// <summary>
    /// Whether a version is known to be clean. For readers: neither allocates nor waits, while the epoch stays.
    /// </summary>
    public bool IsClean(in FileVersion version) =>
        _isOn && _table.TryGet(version, Current().Number, out KnownVerdict known) && known == KnownVerdict.Clean;

    /// <summary>As <see cref="IsClean"/>, for one who has just found it so; not counted.</summary>
    public bool IsStillClean(in FileVersion version) =>
        _isOn && _table.Has(version, Current().Number, KnownVerdict.Clean);

    /// <summary>Looks in memory.</summary>
    public bool TryGet(in FileVersion version, out Verdict verdict)
    {
        if (_isOn && _table.TryGet(version, Current().Number, out KnownVerdict known))
        {
            verdict = _names.Expand(known);
            return true;
        }

        verdict = default;
        return false;
    }

    /// <summary>Looks in the store, which may take milliseconds. What it finds is in memory from then on.</summary>
    public bool TryGetStored(in FileVersion version, out Verdict verdict)
    {
        ScanTicket ticket = Begin(version.File);
        if (!_isOn || !_believesStore || !_store.TryGet(version, ticket.Epoch.Name, out verdict))
        {
            verdict = default;
            return false;
        }

        KeepInMemory(version, ticket, verdict);
        return true;
    }

    /// <summary>To be called before a scan, for <see cref="Keep"/>.</summary>
    public ScanTicket Begin(FileIdentity file)
    {
        NumberedEpoch current = Current();
        return new ScanTicket(current.Epoch, current.Number, _table.Stamp(file));
    }

    /// <summary>Whether the engine's signatures have stayed the same since.</summary>
    /// <remarks>The very same object: signatures that came and went in between may have an equal name.</remarks>
    public bool IsCurrent(ScanTicket ticket) => ReferenceEquals(_engine.Epoch, ticket.Epoch);

    /// <summary>Keeps what a scan has found, if the engine's signatures have stayed the same.</summary>
    /// <returns>Whether it is kept.</returns>
    public bool Keep(in FileVersion version, ScanTicket ticket, Verdict verdict)
    {
        if (!_isOn || !ticket.Epoch.IsSettled || !IsCurrent(ticket) || !KeepInMemory(version, ticket, verdict))
        {
            return false;
        }

        _store.Keep(version, ticket.Epoch.Name, verdict);
        return true;
    }

    /// <summary>Forgets what is known of a file: it was written. For readers.</summary>
    public void Forget(FileIdentity file) => _table.Forget(file, ForgetReason.Written);

    /// <summary>As <see cref="Forget"/>, in the store too.</summary>
    public void ForgetStored(FileIdentity file) => _store.Forget(file);

    /// <summary>
    /// Forgets all that is known of files: one of them was written. The store cannot forget all, and is not asked for
    /// files any more.
    /// </summary>
    public void ForgetAll()
    {
        _believesStore = false;
        _table.Clear(ForgetReason.Written);
    }

    /// <summary>Counts a look-up that had to fail because somebody may be writing.</summary>
    public void CountWriter() => _table.Counters.Count(TableCounter.Writer);

    private bool KeepInMemory(in FileVersion version, ScanTicket ticket, Verdict verdict)
    {
        if (!_names.TryShorten(verdict, out KnownVerdict known)
            || !_table.Keep(version, ticket.Number, known, ticket.Stamp))
        {
            return false;
        }

        _hasKept = true;
        return true;
    }

    private NumberedEpoch Current()
    {
        EngineEpoch now = _engine.Epoch;
        NumberedEpoch known = _epoch;
        return ReferenceEquals(known.Epoch, now) ? known : Renew(now);
    }

    private NumberedEpoch Renew(EngineEpoch now)
    {
        NumberedEpoch known;
        lock (_lock)
        {
            known = _epoch;
            if (known.Epoch.Name == now.Name)
            {
                return _epoch = new NumberedEpoch(now, known.Number);
            }

            // The number alone makes what there is worthless; this gives its memory back.
            _epoch = new NumberedEpoch(now, known.Number + 1);
            _table.Clear(ForgetReason.NewSignatures);
            known = _epoch;
        }

        NewSignatures?.Invoke();
        return known;
    }

    private sealed record NumberedEpoch(EngineEpoch Epoch, int Number);
}
