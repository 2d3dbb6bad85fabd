using System.Security.Cryptography;
using System.Text;
using Scanner.Core.Scanning;
using Scanner.Linux;

namespace Scanner.Engines.Tests.Signatures;

/// <summary>A temporary directory for lists and for content to scan, removed with everything in it.</summary>
internal sealed class SignatureFiles : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("scanner-signatures-");

    public string Lists => Directory.CreateDirectory(Path.Combine(_directory.FullName, "lists")).FullName;

    public string WriteList(string name, string text) => WriteList(name, Encoding.UTF8.GetBytes(text));

    public string WriteList(string name, byte[] bytes)
    {
        string path = Path.Combine(Lists, name);
        File.WriteAllBytes(path, bytes);
        return path;
    }

    public string WriteContent(byte[] content)
    {
        string path = Path.Combine(_directory.FullName, Path.GetRandomFileName());
        File.WriteAllBytes(path, content);
        return path;
    }

    /// <summary>A file with a hole for content, so that its size costs no disk.</summary>
    public string WriteSparse(long size)
    {
        string path = WriteContent([]);
        using FileStream file = File.OpenWrite(path);
        file.SetLength(size);
        return path;
    }

    public static string Md5(byte[] content) => Convert.ToHexStringLower(MD5.HashData(content));

    public static string Sha1(byte[] content) => Convert.ToHexStringLower(SHA1.HashData(content));

    public static string Sha256(byte[] content) => Convert.ToHexStringLower(SHA256.HashData(content));

    /// <summary>Content that differs with its seed and has no meaning.</summary>
    public static byte[] Content(int length, int seed = 1)
    {
        byte[] content = new byte[length];
        new Random(seed).NextBytes(content);
        return content;
    }

    public async Task<Verdict> ScanAsync(IScanEngine engine, byte[] content) =>
        await ScanAsync(engine, WriteContent(content), content.Length);

    /// <param name="engine">The engine.</param>
    /// <param name="path">The file.</param>
    /// <param name="announced">The size in bytes that the engine is told, whatever the file has.</param>
    public static async Task<Verdict> ScanAsync(IScanEngine engine, string path, long announced)
    {
        using Descriptor file = Descriptor.OpenRead(path);
        return await engine.ScanAsync(new ScanTarget(file.Content, announced), TestContext.Current.CancellationToken);
    }

    public void Dispose() => _directory.Delete(recursive: true);
}
