namespace Scanner.Stores.Sqlite;

/// <summary>The small numbers that stand for epochs in the rows.</summary>
/// <remarks>Changed by the writer within its transactions; read by everybody, as of the last commit.</remarks>
internal sealed class EpochTable : IDisposable
{
    private readonly Statement _add;
    private readonly Statement _removeOthers;
    private volatile IReadOnlyDictionary<string, EpochKey> _committed;
    private Dictionary<string, EpochKey>? _changed;

    public EpochTable(Connection connection)
    {
        Dictionary<string, EpochKey> epochs = [];
        using Statement all = connection.Prepare("SELECT name, id FROM epochs");
        while (all.Next())
        {
            string name = all.Text(0) ?? "";
            epochs[name] = new EpochKey(all.Number(1), RowCheck.Of(name));
        }

        _committed = epochs;
        _add = connection.Prepare("INSERT INTO epochs (name) VALUES (?1)");
        _removeOthers = connection.Prepare("DELETE FROM epochs WHERE id <> ?1");
    }

    public int Count => _committed.Count;

    /// <summary>What stands for an epoch; an id that no row has if nothing of it was ever kept.</summary>
    public EpochKey Find(string epoch) => _committed.GetValueOrDefault(epoch);

    /// <summary>What stands for an epoch, in the writer's transaction.</summary>
    public EpochKey FindOrAdd(string epoch, Connection connection)
    {
        if ((_changed ?? _committed).TryGetValue(epoch, out EpochKey key))
        {
            return key;
        }

        _ = _add.Bind(1, epoch).Run();
        _changed ??= new Dictionary<string, EpochKey>(_committed);
        return _changed[epoch] = new EpochKey(connection.LastRowId, RowCheck.Of(epoch));
    }

    /// <summary>Removes all other epochs, whose last rows are gone, in the writer's transaction.</summary>
    public void RemoveOthers(long id)
    {
        _ = _removeOthers.Bind(1, id).Run();
        _changed = _committed.Where(epoch => epoch.Value.Id == id).ToDictionary();
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
