namespace Scanner.Stores.Sqlite;

/// <summary>What is wrong with a store, as far as it makes a difference.</summary>
internal enum StoreFault
{
    /// <summary>It cannot be used now: no space, no permission, an I/O error, held by somebody else.</summary>
    Unusable,

    /// <summary>Its content is not what was written. All of it can be had again: it is rebuilt.</summary>
    Damaged,

    /// <summary>It is not this version's to touch: left alone.</summary>
    Foreign,
}
