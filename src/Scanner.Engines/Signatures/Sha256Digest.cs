using System.Runtime.CompilerServices;

namespace Scanner.Engines.Signatures;

/// <summary>The 32 bytes of a SHA-256 hash.</summary>
[InlineArray(32)]
internal struct Sha256Digest
{
    private byte _first;
}
