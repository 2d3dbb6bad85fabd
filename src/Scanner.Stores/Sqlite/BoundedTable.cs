namespace Scanner.Stores.Sqlite;

/// <summary>One of the tables that verdicts are in: how many rows, and which ones leave.</summary>
internal sealed class BoundedTable : IDisposable
{
    /// <summary>Rows that one transaction removes: some ten milliseconds.</summary>
    public const int StepSize = 1_000;

    private const long Unknown = -1;

    private readonly Connection _connection;
    private readonly string _name;
    private readonly long _maxRows;
    private readonly Statement _removeOldest;
    private readonly Statement _findStep;
    private readonly Statement _removeOutdated;
    private long _rows = Unknown;
    private long _sweptTo;

    public BoundedTable(Connection connection, string name, long maxRows)
    {
        _connection = connection;
        _name = name;
        _maxRows = maxRows;
        _removeOldest = connection.Prepare(
            $"DELETE FROM {name} WHERE id IN (SELECT id FROM {name} ORDER BY id LIMIT ?1)");
        _findStep = connection.Prepare(
            $"SELECT max(id) FROM (SELECT id FROM {name} WHERE id > ?1 ORDER BY id LIMIT {StepSize})");
        _removeOutdated = connection.Prepare($"DELETE FROM {name} WHERE id > ?1 AND id <= ?2 AND epoch <> ?3");
    }

    /// <summary>Whether rows must leave.</summary>
    public bool IsOverfull => _rows > _maxRows;

    /// <summary>Counts the rows, once: a million of them take some ten milliseconds.</summary>
    public void EnsureCounted()
    {
        if (_rows == Unknown)
        {
            _rows = _connection.QueryNumber($"SELECT count(*) FROM {_name}");
        }
    }

    /// <summary>Rows came or went.</summary>
    public void Changed(int difference) => _rows += difference;

    /// <summary>What was counted in a transaction that failed is not so.</summary>
    public void ForgetCount() => _rows = Unknown;

    /// <summary>Removes the oldest rows as far as there are too many, at most <see cref="StepSize"/>.</summary>
    /// <returns>How many were removed.</returns>
    public int RemoveOldest()
    {
        long excess = Math.Min(_rows - _maxRows, StepSize);
        if (excess <= 0)
        {
            return 0;
        }

        int removed = _removeOldest.Bind(1, excess).Run();
        Changed(-removed);
        return removed;
    }

    /// <summary>Has <see cref="RemoveOutdated"/> begin with the oldest row again.</summary>
    public void StartSweep() => _sweptTo = 0;

    /// <summary>Looks at the next <see cref="StepSize"/> rows and removes those of another epoch.</summary>
    /// <returns>How many were removed; <c>null</c> if no rows were left to look at.</returns>
    public int? RemoveOutdated(long epoch)
    {
        long end;
        try
        {
            end = _findStep.Bind(1, _sweptTo).Next() ? _findStep.Number(0) : 0;
        }
        finally
        {
            _findStep.Reset();
        }

        if (end == 0)
        {
            return null;
        }

        int removed = _removeOutdated.Bind(1, _sweptTo).Bind(2, end).Bind(3, epoch).Run();
        Changed(-removed);
        _sweptTo = end;
        return removed;
    }

    public void Dispose()
    {
        _removeOldest.Dispose();
        _findStep.Dispose();
        _removeOutdated.Dispose();
    }
}
