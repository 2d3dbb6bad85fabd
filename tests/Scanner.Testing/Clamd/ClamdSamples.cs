using System.Globalization;
using System.Security.Cryptography;

namespace Scanner.Testing.Clamd;

/// <summary>A small database for clamd, and content that it knows.</summary>
public static class ClamdSamples
{
    /// <summary>What clamd says of content with the EICAR test string anywhere in it.</summary>
    public const string EicarName = "Test.Eicar.UNOFFICIAL";

    /// <summary>What clamd says of exactly <see cref="Hashed"/>.</summary>
    public const string HashedName = "Test.Hashed.UNOFFICIAL";

    /// <summary>What clamd says of the program in every file of Debian's package clamav-testfiles.</summary>
    public const string TestFileName = "ClamAV-Test-File.UNOFFICIAL";

    /// <summary>Where that package puts its files.</summary>
    public const string TestFilesDirectory = "/usr/share/clamav-testfiles";

    /// <summary>In two parts, so that no program that holds it is taken for infected itself.</summary>
    public static byte[] Eicar { get; } =
        [.. @"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-"u8, .. "ANTIVIRUS-TEST-FILE!$H+H*"u8];

    /// <summary>Content of which the database has the hash.</summary>
    public static byte[] Hashed { get; } = [.. Enumerable.Range(0, 5_000).Select(i => (byte)('a' + (i % 23)))];

    /// <summary>
    /// Content that no signature matches, different for each seed, so that clamd's cache does not know it.
    /// </summary>
    public static byte[] Clean(int length, int seed)
    {
        byte[] content = new byte[length];
        new Random(seed).NextBytes(content);
        return content;
    }

    /// <summary>
    /// Clean content with the EICAR test string at its end, of <paramref name="length"/> bytes together.
    /// </summary>
    public static byte[] WithEicarAtEnd(int length, int seed = 1)
    {
        byte[] content = Clean(length, seed);
        Eicar.CopyTo(content, length - Eicar.Length);
        return content;
    }

    /// <summary>Writes the database's files.</summary>
    public static void WriteDatabase(string directory)
    {
        string eicar = Convert.ToHexStringLower(Eicar);
        File.WriteAllText(Path.Combine(directory, "test.ndb"), $"Test.Eicar:0:*:{eicar}\n");
        string hash = Hash(Hashed);
        string length = Hashed.Length.ToString(CultureInfo.InvariantCulture);
        File.WriteAllText(
            Path.Combine(directory, "test.hdb"),
            $"{hash}:{length}:Test.Hashed\naa15bcf478d165efd2065190eb473bcb:544:ClamAV-Test-File\n");
    }

    /// <summary>Adds a signature; clamd knows it after a reload.</summary>
    public static void AddSignature(string directory, string name, ReadOnlySpan<byte> content) =>
        File.AppendAllText(
            Path.Combine(directory, "added.hdb"),
            $"{Hash(content)}:{content.Length.ToString(CultureInfo.InvariantCulture)}:{name}\n");

    private static string Hash(ReadOnlySpan<byte> content)
    {
#pragma warning disable CA5351 // The format's own hash (clamav, hash signatures); nothing here is protected by it.
        return Convert.ToHexStringLower(MD5.HashData(content));
#pragma warning restore CA5351
    }
}
