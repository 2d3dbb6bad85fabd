namespace Scanner.SystemTests.Fixtures;

/// <summary>A process whose working directory keeps a mount in use, and still leads there when no path does.</summary>
internal sealed class DirectoryHolder : IDisposable
{
    private readonly ChildProcess _child;

    private DirectoryHolder(ChildProcess child) => _child = child;

    public static async Task<DirectoryHolder> StartAsync(string directory)
    {
        DirectoryHolder holder = new(ChildProcess.Start(
            TimeSpan.FromMinutes(2), null, "env", [$"--chdir={directory}", "sleep", "120"]));
        try
        {
            bool isThere = await Poll.UntilAsync(
                TimeSpan.FromSeconds(10),
                () => File.ResolveLinkTarget(holder.In(""), returnFinalTarget: false)?.FullName == directory);
            Assert.True(isThere, $"no process in {directory}");
            return holder;
        }
        catch
        {
            holder.Dispose();
            throw;
        }
    }

    /// <summary>The way to a file in the directory.</summary>
    public string In(string name) => name.Length == 0 ? $"/proc/{_child.Id}/cwd" : $"/proc/{_child.Id}/cwd/{name}";

    public void Dispose() => _child.Dispose();
}
