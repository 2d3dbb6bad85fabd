using System.Runtime.CompilerServices;

namespace Scanner.Engines.Signatures;

/// <summary>The 20 bytes of a SHA-1 hash.</summary>
[InlineArray(20)]
internal struct Sha1Digest
{
    private byte _first;
}
