using Scanner.Core.Caching;
using Scanner.Testing;

namespace Scanner.Core.Tests.Caching;

public sealed class FileHashTests
{
    /// <summary>Expected is CPython's hash() of the same 16 bytes, whose key is zero with PYTHONHASHSEED=0.</summary>
    [Theory(Timeout = 5_000)]
    [InlineData(0x0123456789ABCDEFUL, 42UL, 13603501559637018885UL)]
    [InlineData(1UL, 0x8000000000000007UL, 2382607475419751204UL)]
    public Task GivenAKey_WhenAFileIsHashed_ThenItIsItsSipHash(ulong filesystem, ulong inode, ulong expected) =>
        Blocking.Run(() => Assert.Equal(expected, new FileHash(0, 0).Of(new FileIdentity(filesystem, inode))));

    [Fact(Timeout = 5_000)]
    public Task GivenTwoTables_WhenAFileIsHashed_ThenNobodyCanTellOneHashFromTheOther() => Blocking.Run(() =>
        Assert.NotEqual(FileHash.Random().Of(Versions.File(1)), FileHash.Random().Of(Versions.File(1))));
}
