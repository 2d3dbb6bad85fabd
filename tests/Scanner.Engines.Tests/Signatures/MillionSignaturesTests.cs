using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Scanner.Core.Scanning;
using Scanner.Engines.Signatures;

namespace Scanner.Engines.Tests.Signatures;

[Collection(AloneCollection.Name)]
public sealed class MillionSignaturesTests(ITestOutputHelper output)
{
    private const int Signatures = 1_000_000;

    [Fact(Timeout = 120_000)]
    public async Task GivenOneMillionSignatures_WhenLoaded_ThenEachTakesFewBytesAndIsFound()
    {
        using SignatureFiles files = new();
        WriteSignatures(Path.Combine(files.Lists, "million.hdb"));
        long before = GC.GetTotalMemory(forceFullCollection: true);
        long allocatedBefore = GC.GetTotalAllocatedBytes(precise: true);

        SignatureEngine engine = SignatureEngine.Load(files.Lists, problem => Assert.Fail(problem.ToString()));

        long allocated = GC.GetTotalAllocatedBytes(precise: true) - allocatedBefore;
        long kept = GC.GetTotalMemory(forceFullCollection: true) - before;
        output.WriteLine($"{kept / Signatures} bytes kept and {allocated / Signatures} allocated for each signature");
        Assert.Equal(Signatures, engine.Count);

        // Less than nothing if what earlier tests left is freed only now.
        Assert.True(kept < 80L * Signatures, $"{kept} bytes");
        Assert.InRange(allocated, 0, 160L * Signatures);

        // The million have content of 1 to 1,000,000 bytes by their size, but only these four bytes can be made again.
        Assert.Equal(Verdict.Infected("Test.Trojan.Agent-4"), await files.ScanAsync(engine, ContentOf(4)));
        Assert.Equal(Verdict.Clean, await files.ScanAsync(engine, ContentOf(5)));
        Assert.Equal(Verdict.Clean, await files.ScanAsync(engine, SignatureFiles.Content(100_000)));
    }

    private static byte[] ContentOf(int signature)
    {
        byte[] content = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(content, signature);
        return content;
    }

    private static void WriteSignatures(string path)
    {
        using StreamWriter list = new(path, append: false, Encoding.ASCII, bufferSize: 1 << 20);
        Span<byte> content = stackalloc byte[4];
        Span<byte> hash = stackalloc byte[16];
        Span<char> digits = stackalloc char[32];
        for (int i = 1; i <= Signatures; i++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(content, i);
            MD5.HashData(content, hash);
            Convert.TryToHexStringLower(hash, digits, out _);
            list.Write(digits);
            list.Write($":{i}:Test.Trojan.Agent-{i}\n");
        }
    }
}
