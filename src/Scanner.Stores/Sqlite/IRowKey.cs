namespace Scanner.Stores.Sqlite;

/// <summary>What a verdict is about: how its row is found, and what of the row has to be the same.</summary>
internal interface IRowKey
{
    /// <summary>Sets the parameters by which the row is found.</summary>
    void Find(Statement statement);

    /// <summary>Whether a row that was found is about this version.</summary>
    /// <param name="row">The row.</param>
    /// <param name="first">The first column of the version.</param>
    bool IsSame(Statement row, int first);

    /// <summary>The checksum that the row must have.</summary>
    int Checksum(EpochKey epoch, string? signature);
}
