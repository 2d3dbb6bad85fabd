namespace Scanner.Engines.Signatures;

/// <summary>The test file that every scanner is expected to find (eicar.org, "Anti Malware Testfile").</summary>
/// <remarks>
/// By its definition: the 68 bytes of the test string, then nothing but whitespace, 128 bytes at most in all. The
/// string is kept in two pieces, so that other scanners do not find it in this program.
/// </remarks>
internal static class EicarTestFile
{
    public const string SignatureName = "Eicar-Test-Signature";

    /// <summary>The most bytes that a test file has.</summary>
    public const int MaxLength = 128;

    private static ReadOnlySpan<byte> FirstPiece => @"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STAN"u8;

    private static ReadOnlySpan<byte> SecondPiece => "DARD-ANTIVIRUS-TEST-FILE!$H+H*"u8;

    /// <summary>The only whitespace that may follow: space, tab, LF, CR and Ctrl-Z.</summary>
    private static ReadOnlySpan<byte> Whitespace => " \t\n\r\u001A"u8;

    /// <param name="content">All of a file's content, or more than <see cref="MaxLength"/> bytes of its start.</param>
    public static bool Matches(ReadOnlySpan<byte> content) =>
        content.Length <= MaxLength
        && content.StartsWith(FirstPiece)
        && content[FirstPiece.Length..].StartsWith(SecondPiece)
        && !content[(FirstPiece.Length + SecondPiece.Length)..].ContainsAnyExcept(Whitespace);
}
