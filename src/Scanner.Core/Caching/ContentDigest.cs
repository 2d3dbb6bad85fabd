using System.Runtime.CompilerServices;

namespace Scanner.Core.Caching;

/// <summary>The SHA-256 of exactly the bytes that an engine was given.</summary>
[InlineArray(Length)]
public struct ContentDigest
{
    /// <summary>Bytes.</summary>
    public const int Length = 32;

#pragma warning disable IDE0044, IDE0051, S1144 // The one element of an inline array (C# language reference).
    private byte _first;
#pragma warning restore IDE0044, IDE0051, S1144
}
