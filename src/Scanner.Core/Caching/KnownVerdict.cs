using Scanner.Core.Scanning;

namespace Scanner.Core.Caching;

/// <summary>A verdict that may be kept, in four bytes: clean, or infected with a signature's index.</summary>
/// <remarks>
/// The default is no verdict, so that nothing is clean by omission. <see cref="SignatureNames"/> makes them.
/// </remarks>
internal readonly record struct KnownVerdict
{
    private const int CleanCode = 1;
    private const int FirstInfectedCode = 2;

    private readonly int _code;

    private KnownVerdict(int code) => _code = code;

    public static KnownVerdict Clean { get; } = new(CleanCode);

    /// <summary><see cref="VerdictKind.NotScannable"/> stands for no verdict.</summary>
    public VerdictKind Kind => _code switch
    {
        0 => VerdictKind.NotScannable,
        CleanCode => VerdictKind.Clean,
        _ => VerdictKind.Infected,
    };

    /// <summary>The index of the signature's name; only where <see cref="Kind"/> is infected.</summary>
    public int Signature => _code - FirstInfectedCode;

    /// <exception cref="ArgumentOutOfRangeException">The index is negative.</exception>
    public static KnownVerdict Infected(int signature)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(signature);
        return new(checked(FirstInfectedCode + signature));
    }
}
