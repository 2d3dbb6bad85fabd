namespace Scanner.Stores.Sqlite;

/// <summary>What is to be written.</summary>
internal enum EntryKind : byte
{
    KeepFile,
    KeepContent,
    ForgetFile,
}
