using Scanner.SystemTests.Access;
using Scanner.SystemTests.Fixtures;

namespace Scanner.SystemTests.Openers;

/// <summary>Clean and infected files in equal number, and the list of them that the load commands read.</summary>
internal static class LoadFiles
{
    /// <summary>Returns the path of the list, which lies outside the watched file system.</summary>
    public static async Task<string> CreateAsync(LoopMount mount, int pairs)
    {
        List<string> lines = [];
        for (int i = 0; i < pairs; i++)
        {
            lines.Add($"c {await mount.WriteAsync($"clean{i}", [.. Samples.CleanText, (byte)i])}");
            lines.Add($"i {await mount.WriteAsync($"infected{i}", Samples.Eicar)}");
        }

        string list = mount.Work.In("list");
        await File.WriteAllLinesAsync(list, lines, TestContext.Current.CancellationToken);
        return list;
    }

    public static async Task<LoadResult> FloodAsync(string list, int processes, TimeSpan grace)
    {
        string seconds = $"{(int)grace.TotalSeconds}";
        return LoadResult.From(
            await Opener.RunAsync(grace + TimeSpan.FromSeconds(30), "flood", $"{processes}", list, seconds));
    }
}
