using System.Security.Cryptography;
using Scanner.Core.Caching;
using Scanner.Linux;
using Scanner.Testing;

namespace Scanner.Core.Tests.Caching;

public sealed class HashedContentTests : IDisposable
{
    private readonly string _path = Path.GetTempFileName();

    [Theory(Timeout = 10_000)]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(1_048_577)]
    public Task GivenAFile_WhenCopied_ThenTheDigestIsThatOfTheCopy(int size) => Blocking.Run(() =>
    {
        byte[] content = RandomNumberGenerator.GetBytes(size);
        File.WriteAllBytes(_path, content);
        HashedContent.WarmUp();
        using Descriptor file = Descriptor.OpenRead(_path);

        Assert.Equal(Errno.None, HashedContent.TryMake(file.Content, size, out HashedContent? made));
        using HashedContent hashed = made!;

        byte[] copy = new byte[size + 1];
        Assert.Equal(Errno.None, hashed.Copy.Content.TryRead(copy, 0, out int count));
        Assert.Equal(size, count);
        Assert.Equal(content, copy[..size]);
        ContentDigest digest = hashed.Digest;
        Assert.Equal(SHA256.HashData(content), ((ReadOnlySpan<byte>)digest).ToArray());
    });

    [Fact(Timeout = 5_000)]
    public Task GivenAFileAboveTheLimit_WhenCopied_ThenThereIsNoDigest() => Blocking.Run(() =>
    {
        File.WriteAllText(_path, "content");
        using Descriptor file = Descriptor.OpenRead(_path);

        Assert.Equal(Errno.EFBIG, HashedContent.TryMake(file.Content, 6, out HashedContent? none));
        Assert.Null(none);
    });

    public void Dispose() => File.Delete(_path);
}
