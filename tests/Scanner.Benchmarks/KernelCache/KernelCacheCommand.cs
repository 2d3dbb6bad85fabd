using System.CommandLine;

namespace Scanner.Benchmarks.KernelCache;

/// <summary>The command line of the benchmarks of what the kernel passes unasked: all have the same options.</summary>
internal sealed class KernelCacheCommand(string name, string description)
{
    private const int LeastFiles = 100;

    /// <summary>Rounds by default.</summary>
    public required int Rounds { get; init; }

    /// <summary>Files by default.</summary>
    public required int Files { get; init; }

    /// <summary>Files by default where <c>--quick</c> is given.</summary>
    public required int QuickFiles { get; init; }

    public Command Create(Func<KernelCacheOptions, CancellationToken, Task> run)
    {
        Option<int?> rounds = new("--rounds")
        {
            Description = $"Rounds; in each, everything is measured once (default {Rounds}, quick 1)",
        };
        Option<int?> files = new("--files")
        {
            Description = $"How many files there are (default {Files}, quick {QuickFiles})",
        };
        Option<bool> quick = new("--quick") { Description = "Short measurements: does it work, not how fast is it" };
        Option<string?> scannerd = new("--scannerd")
        {
            Description = "The daemon to measure (default: this checkout's Release build)",
        };
        Option<string?> json = new("--json") { Description = "Write all numbers to this file as JSON" };
        AtLeast(rounds, 1);
        AtLeast(files, LeastFiles);
        Command command = new(name, description) { rounds, files, quick, scannerd, json };
        command.SetAction((parsed, cancellation) => Failures.CatchAsync(() => run(
            new KernelCacheOptions
            {
                Rounds = parsed.GetValue(rounds) ?? (parsed.GetValue(quick) ? 1 : Rounds),
                Files = parsed.GetValue(files) ?? (parsed.GetValue(quick) ? QuickFiles : Files),
                Quick = parsed.GetValue(quick),
                Scannerd = parsed.GetValue(scannerd),
                JsonFile = parsed.GetValue(json),
            },
            cancellation)));
        return command;
    }

    private static void AtLeast(Option<int?> option, int least) =>
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int?>() < least)
            {
                result.AddError($"{option.Name}: at least {least}");
            }
        });
}
