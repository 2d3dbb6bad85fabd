namespace Scanner.Stores.Tests.Sqlite;

/// <summary>Fills a small file system.</summary>
internal static class Filler
{
    /// <returns>The file to delete to have space again.</returns>
    public static string Fill(string mount)
    {
        string path = Path.Combine(mount, "filler");
        using FileStream file = new(path, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        byte[] block = new byte[4096];
        try
        {
            while (true)
            {
                file.Write(block);
            }
        }
        catch (IOException)
        {
            return path;
        }
    }
}
