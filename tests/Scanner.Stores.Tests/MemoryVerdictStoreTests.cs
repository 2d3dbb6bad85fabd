using Scanner.Core.Caching;

namespace Scanner.Stores.Tests;

public sealed class MemoryVerdictStoreTests : VerdictStoreContract
{
    protected override IVerdictStore Open() => new MemoryVerdictStore();
}
