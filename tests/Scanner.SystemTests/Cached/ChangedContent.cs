using System.Security.Cryptography;

namespace Scanner.SystemTests.Cached;

/// <summary>Clean content, and the infected one that it becomes.</summary>
/// <remarks>Infected is what a hash list says, so that both can have the same length.</remarks>
internal sealed class ChangedContent
{
    /// <summary>Bytes; what direct I/O and holes come in.</summary>
    public const int Block = 4096;

    private const int Blocks = 3;

    public ChangedContent(ContentShape shape, string seed)
    {
        // No two contents are the same: a verdict about one says nothing about another.
        Random random = new(BitConverter.ToInt32(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(seed))));
        Infected = new byte[Blocks * Block];
        random.NextBytes(Infected.AsSpan(0, (Blocks - 1) * Block));
        Clean = new byte[Blocks * Block];
        random.NextBytes(Clean);
        switch (shape)
        {
            case ContentShape.Beginning:
                Clean = Infected[..^Block];
                break;
            case ContentShape.AllButTheLastBlock:
                Infected.AsSpan(0, (Blocks - 1) * Block).CopyTo(Clean);
                break;
        }
    }

    public byte[] Clean { get; }

    public byte[] Infected { get; }

    /// <summary>A line of a hash list that knows this content.</summary>
    public static string Signature(ReadOnlySpan<byte> infected) =>
        $"{Convert.ToHexStringLower(SHA256.HashData(infected))}:{infected.Length}:Test.Changed";
}
