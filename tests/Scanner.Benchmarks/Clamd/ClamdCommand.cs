using System.CommandLine;

namespace Scanner.Benchmarks.Clamd;

/// <summary>The command line of the clamd benchmark.</summary>
internal static class ClamdCommand
{
    public static Command Create()
    {
        Option<int> rounds = new("--rounds")
        {
            Description = "Rounds; in each, every cell is measured once",
            DefaultValueFactory = _ => 3,
        };
        Option<int> files = new("--files")
        {
            Description = "Files that are opened in one cell, each once",
            DefaultValueFactory = _ => 5_000,
        };
        Option<int> memoryScans = new("--memory-scans")
        {
            Description = "Scans of the memory pass; 0 leaves it out",
            DefaultValueFactory = _ => 100_000,
        };
        Option<string?> scannerd = new("--scannerd")
        {
            Description = "The daemon to measure (default: this checkout's Release build)",
        };
        Option<string?> json = new("--json") { Description = "Write all numbers to this file as JSON" };
        AtLeast(rounds, 1);
        AtLeast(files, 100);
        AtLeast(memoryScans, 0);
        Command command = new("clamd", "Files that clamd has to scan: by a C client, through scannerd, with clamonacc.")
        {
            rounds, files, memoryScans, scannerd, json,
        };
        command.SetAction((parsed, cancellation) => Failures.CatchAsync(() => ClamdBenchmark.RunAsync(
            new ClamdOptions
            {
                Rounds = parsed.GetValue(rounds),
                Files = parsed.GetValue(files),
                MemoryScans = parsed.GetValue(memoryScans),
                Scannerd = parsed.GetValue(scannerd),
                JsonFile = parsed.GetValue(json),
            },
            cancellation)));
        return command;
    }

    private static void AtLeast(Option<int> option, int least) =>
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() < least)
            {
                result.AddError($"{option.Name}: at least {least}");
            }
        });
}
