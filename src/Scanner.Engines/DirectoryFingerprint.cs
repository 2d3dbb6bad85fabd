using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Scanner.Linux.Files;

namespace Scanner.Engines;

/// <summary>What tells whether files of a directory have changed, without reading them.</summary>
/// <param name="Text">
/// 16 hexadecimal digits over names, inode numbers, sizes and times of the files: equal texts mean that no file was
/// added, removed, written, touched or replaced in between.
/// </param>
/// <param name="NewestChange">
/// The latest change time of the files and of the directories that hold them, in nanoseconds since 1970: what was
/// removed shows in the latter only.
/// </param>
internal sealed record DirectoryFingerprint(string Text, long NewestChange)
{
    /// <summary>Looking must stay cheap; so many files are no database.</summary>
    public const int MostFiles = 10_000;

    private const int TextLength = 16;

    private static readonly EnumerationOptions s_one = new()
    {
        RecurseSubdirectories = false,
        IgnoreInaccessible = false,
        AttributesToSkip = FileAttributes.None,
    };

    /// <summary>Looks at the regular files of directories and, if wanted, one level below.</summary>
    /// <param name="directories">Absolute paths.</param>
    /// <param name="counts">Whether a name counts, of a file or of a directory below.</param>
    /// <param name="entersDirectories">Whether to look one level below.</param>
    /// <returns>
    /// <c>null</c> if a directory cannot be read or has more than <see cref="MostFiles"/> files. Directories below that
    /// cannot be entered, and files that vanish meanwhile, are left out.
    /// </returns>
    public static DirectoryFingerprint? TryTake(
        IReadOnlyList<string> directories, Func<string, bool> counts, bool entersDirectories)
    {
        SortedDictionary<string, FileStamp> files = new(StringComparer.Ordinal);
        long newest = 0;
        try
        {
            foreach (string directory in directories)
            {
                newest = Math.Max(newest, Add(directory, counts, entersDirectories ? 1 : 0, files));
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }

        return files.Count > MostFiles ? null : new DirectoryFingerprint(Describe(files), newest);
    }

    private static long Add(
        string directory, Func<string, bool> counts, int levels, SortedDictionary<string, FileStamp> files)
    {
        long newest = FileStamp.TryRead(directory)?.ChangedAt ?? 0;
        foreach (string path in Directory.EnumerateFileSystemEntries(directory, "*", s_one))
        {
            if (!counts(Path.GetFileName(path)) || FileStamp.TryRead(path) is not { } stamp)
            {
                continue;
            }

            if (stamp.Kind == FileKind.Regular)
            {
                files[path] = stamp;
                newest = Math.Max(newest, stamp.ChangedAt);
            }
            else if (stamp.Kind == FileKind.Directory && levels > 0)
            {
                newest = Math.Max(newest, TryAddBelow(path, counts, files));
            }

            if (files.Count > MostFiles)
            {
                break;
            }
        }

        return newest;
    }

    private static long TryAddBelow(
        string directory, Func<string, bool> counts, SortedDictionary<string, FileStamp> files)
    {
        try
        {
            return Add(directory, counts, 0, files);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return 0;
        }
    }

    private static string Describe(SortedDictionary<string, FileStamp> files)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach ((string path, FileStamp stamp) in files)
        {
            // A name cannot hold a zero byte, so no two sets of files have the same text.
            hash.AppendData(Encoding.UTF8.GetBytes(string.Create(
                CultureInfo.InvariantCulture,
                $"{path}\0{stamp.Inode} {stamp.Size} {stamp.ModifiedAt} {stamp.ChangedAt}\0")));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset())[..TextLength];
    }
}
