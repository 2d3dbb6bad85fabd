namespace Scanner.Stores.Sqlite;

/// <summary>The small numbers that stand for epochs in the rows.</summary>
/// <remarks>Changed by the writer within its transactions; read by everybody, as of the last commit.</remarks>
internal sealed class EpochTable : IDisposable
{
    /// <summary>No row has it.</summary>
    public const long None = 0;

    private readonly Statement _add;
    private readonly Statement _removeOthers;
    private volatile IReadOnlyDictionary<string, long> _committed;
    private Dictionary<string, long>? _changed;

    public EpochTable(Connection connection)
    {
        Dictionary<string, long> epochs = [];
        using Statement all = connection.Prepare("SELECT name, id FROM epochs");
        while (all.Next())
        {
            epochs[all.Text(0) ?? ""] = all.Number(1);
        }

        _committed = epochs;
        _add = connection.Prepare("INSERT INTO epochs (name) VALUES (?1)");
        _removeOthers = connection.Prepare("DELETE FROM epochs WHERE id <> ?1");
    }

    public int Count => _committed.Count;

    /// <summary>The number of an epoch; <see cref="None"/> if nothing of it was ever kept.</summary>
    public long Find(string epoch) => _committed.GetValueOrDefault(epoch, None);

    /// <summary>The number of an epoch, in the writer's transaction.</summary>
    public long FindOrAdd(string epoch, Connection connection)
    {
        if ((_changed ?? _committed).TryGetValue(epoch, out long number))
        {
            return number;
        }

        _ = _add.Bind(1, epoch).Run();
        _changed ??= new Dictionary<string, long>(_committed);
        return _changed[epoch] = connection.LastRowId;
    }

    /// <summary>Removes all other epochs, whose last rows are gone, in the writer's transaction.</summary>
    public void RemoveOthers(long number)
    {
        _ = _removeOthers.Bind(1, number).Run();
        _changed = _committed.Where(epoch => epoch.Value == number).ToDictionary();
    }

    /// <summary>The transaction has ended.</summary>
    public void End(bool isCommitted)
    {
        if (isCommitted && _changed is not null)
        {
            _committed = _changed;
        }

        _changed = null;
    }

    public void Dispose()
    {
        _add.Dispose();
        _removeOthers.Dispose();
    }
}
