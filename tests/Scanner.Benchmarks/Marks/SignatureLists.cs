using System.Security.Cryptography;

namespace Scanner.Benchmarks.Marks;

/// <summary>A signature list for the built-in engine, and one to put in its place.</summary>
internal sealed class SignatureLists(string directory)
{
    /// <summary>In no file here.</summary>
    private const byte Absent = (byte)'a';

    /// <summary>What the engine is started with.</summary>
    public string Place => Path.Combine(directory, "signatures");

    public string Old => Path.Combine(Place, "bench.hdb");

    /// <summary>On the same file system, as it is renamed, and not where the engine looks.</summary>
    public string New => Path.Combine(directory, "new.hdb");

    public void Write()
    {
        Directory.CreateDirectory(Place);
        File.WriteAllText(Old, ListOf(Absent));
        File.WriteAllText(New, ListOf(ManyFiles.Forbidden));
    }

    private static string ListOf(byte content)
    {
#pragma warning disable CA5351 // The format's own hash (clamav, hash signatures); nothing is protected by it here.
        string hash = Convert.ToHexStringLower(MD5.HashData([content]));
#pragma warning restore CA5351
        return $"{hash}:1:Bench.Infected\n";
    }
}
