using System.Globalization;
using Scanner.Benchmarks.Processes;

namespace Scanner.Benchmarks.KernelCache;

/// <summary>Text files of 4 KiB: as many that only root can write, as of a user's.</summary>
/// <remarks>Each time they are written their content is new, as clamd remembers what it has scanned.</remarks>
internal sealed class OwnedFiles(ScratchMount mount, int count)
{
    private const int Size = 4096;

    /// <summary>Nobody runs as this one here.</summary>
    private const string User = "65534:65534";

    private static readonly TimeSpan ToolLimit = TimeSpan.FromMinutes(1);

    private readonly Random _random = new();

    /// <summary>What the first file of both directories holds, and no other.</summary>
    public static string Needle => "+needle+";

    /// <summary>root:root, 0644. No directory is below it.</summary>
    public string RootDirectory => Path.Combine(mount.WatchedDirectory, "root");

    /// <summary>A user's, 0644.</summary>
    public string UserDirectory => Path.Combine(mount.WatchedDirectory, "user");

    public IReadOnlyList<string> RootOnly => FilesIn(RootDirectory);

    public IReadOnlyList<string> UserWritable => FilesIn(UserDirectory);

    /// <summary>Writes all of them. Nobody may be watching: this process would be asked about.</summary>
    public async Task WriteAsync(CancellationToken cancellation)
    {
        foreach (string directory in (string[])[RootDirectory, UserDirectory])
        {
            if (Directory.Exists(directory))
            {
                Directory.Delete(directory, recursive: true);
            }

            Directory.CreateDirectory(directory);
            string needle = Needle;
            foreach (string file in FilesIn(directory))
            {
                await File.WriteAllTextAsync(file, needle + Text(_random, Size - needle.Length), cancellation);
                needle = "";
            }
        }

        await Command.RunAsync(["chown", "-R", User, UserDirectory], ToolLimit, cancellation);
    }

    /// <summary>So many characters of text in lines, different each time.</summary>
    public static string Text(Random random, int length)
    {
        byte[] bytes = new byte[length];
        random.NextBytes(bytes);
        return Convert.ToBase64String(bytes, Base64FormattingOptions.InsertLineBreaks)[..length];
    }

    private IReadOnlyList<string> FilesIn(string directory) =>
    [
        .. Enumerable.Range(0, count).Select(i => Path.Combine(directory, i.ToString(CultureInfo.InvariantCulture))),
    ];
}
