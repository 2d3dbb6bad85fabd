using System.Security.Cryptography;
using System.Text;
using Scanner.SystemTests.Openers;

namespace Scanner.SystemTests.Access;

/// <summary>Clean samples, and infected ones that would work just as well if they were let through.</summary>
internal static class Samples
{
    /// <summary>Bytes after the end of an executable or a script change its hash and nothing that it does.</summary>
    private static readonly byte[] _infection = "\n# infected\n"u8.ToArray();

    public static byte[] CleanText { get; } = "just a text\n"u8.ToArray();

    /// <summary>The EICAR test file; in two parts so that no scanner takes this source for it.</summary>
    public static byte[] Eicar { get; } =
        Encoding.ASCII.GetBytes(@"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + "EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*");

    public static byte[] Content(SampleKind kind, bool infected) =>
        (kind, infected) switch
        {
            (SampleKind.Text, true) => Eicar,
            (_, true) => [.. Content(kind, infected: false), .. _infection],
            (SampleKind.Script, _) => "#!/bin/sh\necho script ran\n"u8.ToArray(),
            (SampleKind.Executable, _) => File.ReadAllBytes(NativeProgram.Sample),
            (SampleKind.Library, _) => File.ReadAllBytes(NativeProgram.SampleLibrary),
            _ => CleanText,
        };

    /// <summary>What an opener reads of a clean sample, or what the sample prints when it runs.</summary>
    public static byte[] Expected(SampleKind kind) =>
        kind switch
        {
            SampleKind.Script => "script ran\n"u8.ToArray(),
            SampleKind.Executable => "sample ran\n"u8.ToArray(),
            SampleKind.Library => "sample loaded\n"u8.ToArray(),
            _ => CleanText,
        };

    /// <summary>Writes hash lists that know the infected samples. Returns the directory.</summary>
    public static string WriteSignatures(string directory)
    {
        Directory.CreateDirectory(directory);
        File.WriteAllLines(
            Path.Combine(directory, "samples.hsb"),
            [
                Line(SampleKind.Executable, SHA256.HashData),
                Line(SampleKind.Script, SHA256.HashData),
            ]);
        File.WriteAllLines(Path.Combine(directory, "samples.hdb"), [Line(SampleKind.Library, MD5.HashData)]);
        return directory;
    }

    private static string Line(SampleKind kind, Func<byte[], byte[]> hash)
    {
        byte[] content = Content(kind, infected: true);
        return $"{Convert.ToHexStringLower(hash(content))}:{content.Length}:Test.Infected.{kind}";
    }
}
