using Scanner.Linux.Files;

namespace Scanner.Linux.Probing;

/// <summary>What concerns files: leases, handles, mount ids.</summary>
internal static class FileProbe
{
    public static IEnumerable<Finding> Run()
    {
        using Descriptor root = Descriptor.OpenPath("/");
        yield return Lease();

        FileHandle handle = default;
        yield return Finding.Of(
            "name_to_handle_at",
            FileHandle.TryEncode(root.Number, ref handle),
            "A file cannot be found again after a restart: opens that wait meanwhile are answered without "
                + "looking at it. Tried on /; other file systems may differ.");
        yield return Finding.Of(
            "STATX_MNT_ID_UNIQUE",
            FileStatus.HasUniqueMountId(root),
            "A mount is told by an id that is reused after an unmount (Linux 6.8 has one that is not): a "
                + "path may be trusted that should not be.");
    }

    private static Finding Lease()
    {
        const string name = "read lease";
        const string consequence =
            "It cannot be proved that a file has no writer, so no result about a file is kept. Tried on a "
                + "temporary file.";
        string? path = null;
        try
        {
            // A file of our own that nobody else opens. A memfd does not do: its own descriptor counts as a writer.
            path = Path.GetTempFileName();
            using Descriptor file = Descriptor.OpenRead(path);
            return Finding.Of(name, ReadLease.TryTake(file.Content), consequence);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return Finding.Unknown(name, error.Message, consequence);
        }
        finally
        {
            if (path is not null)
            {
                File.Delete(path);
            }
        }
    }
}
