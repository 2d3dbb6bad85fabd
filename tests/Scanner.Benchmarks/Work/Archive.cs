using System.Formats.Tar;
using System.Globalization;
using System.Text;
using Scanner.Benchmarks.KernelCache;

namespace Scanner.Benchmarks.Work;

/// <summary>An archive that is not watched, of files that will be.</summary>
internal sealed class Archive(string path, string target, int count)
{
    private const int FileSize = 4096;

    private readonly Random _random = new();

    /// <summary>Where it is unpacked.</summary>
    public string Target => target;

    public IReadOnlyList<string> Unpack => ["tar", "-xf", path, "-C", target];

    /// <summary>Writes it, with content that was never there before, and empties the target.</summary>
    public async Task WriteAsync(CancellationToken cancellation)
    {
        if (Directory.Exists(target))
        {
            Directory.Delete(target, recursive: true);
        }

        Directory.CreateDirectory(target);
        await using FileStream file = File.Create(path);
        await using TarWriter writer = new(file);
        for (int i = 0; i < count; i++)
        {
            UstarTarEntry entry = new(TarEntryType.RegularFile, i.ToString(CultureInfo.InvariantCulture))
            {
                DataStream = new MemoryStream(Encoding.ASCII.GetBytes(OwnedFiles.Text(_random, FileSize))),
            };
            await writer.WriteEntryAsync(entry, cancellation);
        }
    }
}
