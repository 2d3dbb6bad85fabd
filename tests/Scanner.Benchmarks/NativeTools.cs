using Scanner.Benchmarks.Processes;

namespace Scanner.Benchmarks;

/// <summary>The C programs of <c>tests/native</c> and the daemon, found from the root of the checkout.</summary>
internal sealed record NativeTools(
    string Opener, string Responder, string ClamdClient, string FileWriter, string? Scannerd)
{
    /// <summary>Many openers of many users whose opens nobody answers.</summary>
    public required string PendingOpens { get; init; }

    /// <summary>A clamd that takes as long as it is told.</summary>
    public required string FakeClamd { get; init; }

    private const string RootMark = "Scanner.sln";

    /// <summary>Builds the C programs and looks for the daemon.</summary>
    /// <param name="scannerd">The daemon's path, or <c>null</c> for the one built in this checkout.</param>
    /// <param name="cancellation">Ends the build.</param>
    /// <exception cref="BenchmarkException">There is no checkout around this, no compiler, or no such
    /// daemon.</exception>
    public static async Task<NativeTools> PrepareAsync(string? scannerd, CancellationToken cancellation)
    {
        string root = FindRoot();
        string source = Path.Combine(root, "tests", "native");
        string[] programs =
        [
            "build/bench_opener", "build/bench_responder", "build/bench_clamd_client", "build/opener",
            "build/pending_opens", "build/fake_clamd",
        ];
        await Command.RunAsync(
            ["make", "--silent", "-C", source, .. programs], TimeSpan.FromMinutes(1), cancellation);

        if (scannerd is not null && !File.Exists(scannerd))
        {
            throw new BenchmarkException($"{scannerd}: no such program");
        }

        string built = Path.Combine(root, "src", "Scanner.Daemon", "bin", "Release", "net10.0", "scannerd");
        return new NativeTools(
            Path.Combine(source, programs[0]),
            Path.Combine(source, programs[1]),
            Path.Combine(source, programs[2]),
            Path.Combine(source, programs[3]),
            scannerd is not null ? Path.GetFullPath(scannerd) : File.Exists(built) ? built : null)
        {
            PendingOpens = Path.Combine(source, programs[4]),
            FakeClamd = Path.Combine(source, programs[5]),
        };
    }

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
