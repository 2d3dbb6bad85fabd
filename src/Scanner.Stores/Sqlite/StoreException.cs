namespace Scanner.Stores.Sqlite;

/// <summary>Why a store cannot be used. It stays within this room: openers of files never meet it.</summary>
internal sealed class StoreException(StoreFault fault, string message) : Exception(message)
{
    public StoreFault Fault { get; } = fault;
}
