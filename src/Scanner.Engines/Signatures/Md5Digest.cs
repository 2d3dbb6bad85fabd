using System.Runtime.CompilerServices;

namespace Scanner.Engines.Signatures;

/// <summary>The 16 bytes of an MD5 hash.</summary>
[InlineArray(16)]
internal struct Md5Digest
{
    private byte _first;
}
