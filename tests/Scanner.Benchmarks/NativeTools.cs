using Scanner.Benchmarks.Processes;

namespace Scanner.Benchmarks;

/// <summary>The C programs of <c>tests/native</c> and the daemon, found from the root of the checkout.</summary>
internal sealed class NativeTools
{
    private const string RootMark = "Scanner.sln";

    private readonly string _source;

    private NativeTools(string source, string? scannerd)
    {
        _source = source;
        Scannerd = scannerd;
    }

    public string Opener => PathOf("bench_opener");

    public string Responder => PathOf("bench_responder");

    public string ClamdClient => PathOf("bench_clamd_client");

    /// <summary>Opens files that nobody answers for.</summary>
    public string PendingOpens => PathOf("pending_opens");

    /// <summary>An engine that takes what it is given and never ends.</summary>
    public string FakeClamd => PathOf("fake_clamd");

    public string Runner => PathOf("bench_run");

    public string Reloader => PathOf("bench_reload");

    /// <summary>The tests' own opener, which also writes and sweeps files.</summary>
    public string FileWriter => PathOf("opener");

    /// <summary>The daemon; <c>null</c> if it is not built.</summary>
    public string? Scannerd { get; }

    /// <summary>Builds the C programs and looks for the daemon. They are of no use without root.</summary>
    /// <param name="scannerd">The daemon's path, or <c>null</c> for the one built in this checkout.</param>
    /// <param name="cancellation">Ends the build.</param>
    /// <exception cref="BenchmarkException">This is not root, or there is no checkout around it, no
    /// compiler, or no such daemon.</exception>
    public static async Task<NativeTools> PrepareAsync(string? scannerd, CancellationToken cancellation)
    {
        if (!Environment.IsPrivilegedProcess)
        {
            throw new BenchmarkException("this needs root: it mounts an image and asks for permission events");
        }

        string root = FindRoot();
        string built = Path.Combine(root, "src", "Scanner.Daemon", "bin", "Release", "net10.0", "scannerd");
        NativeTools tools = new(
            Path.Combine(root, "tests", "native"),
            scannerd is not null ? Path.GetFullPath(scannerd) : File.Exists(built) ? built : null);
        await Command.RunAsync(["make", "--silent", "-C", tools._source], TimeSpan.FromMinutes(1), cancellation);
        return scannerd is null || File.Exists(scannerd)
            ? tools
            : throw new BenchmarkException($"{scannerd}: no such program");
    }

    private string PathOf(string program) => Path.Combine(_source, "build", program);

    private static string FindRoot()
    {
        DirectoryInfo? directory = new(AppContext.BaseDirectory);
        for (; directory is not null; directory = directory.Parent)
        {
            if (File.Exists(Path.Combine(directory.FullName, RootMark)))
            {
                return directory.FullName;
            }
        }

        throw new BenchmarkException($"no {RootMark} above {AppContext.BaseDirectory}");
    }
}
