using System.CommandLine;

namespace Scanner.Benchmarks.Stalled;

/// <summary>The command line of the benchmark of hits beside a stalled engine.</summary>
internal static class StalledCommand
{
    public static Command Create()
    {
        Option<int> rounds = new("--rounds")
        {
            Description = "Rounds; in each, every cell is measured once",
            DefaultValueFactory = _ => 5,
        };
        Option<int> pending = new("--pending")
        {
            Description = "Opens that wait for the engine throughout",
            DefaultValueFactory = _ => 3_000,
        };
        Option<string?> scannerd = new("--scannerd")
        {
            Description = "The daemon to measure (default: this checkout's Release build)",
        };
        foreach (Option<int> option in (Option<int>[])[rounds, pending])
        {
            option.Validators.Add(result =>
            {
                if (result.GetValueOrDefault<int>() < 1)
                {
                    result.AddError($"{option.Name}: at least 1");
                }
            });
        }

        Command command = new("stalled", "Files that are known, while thousands of others wait for an engine that stalls.")
        {
            rounds, pending, scannerd,
        };
        command.SetAction((parsed, cancellation) => Failures.CatchAsync(() => StalledBenchmark.RunAsync(
            new StalledOptions(parsed.GetValue(rounds), parsed.GetValue(pending), parsed.GetValue(scannerd)),
            cancellation)));
        return command;
    }
}
