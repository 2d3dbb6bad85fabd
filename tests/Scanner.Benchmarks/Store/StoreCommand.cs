using System.CommandLine;

namespace Scanner.Benchmarks.Store;

/// <summary>The command line of the verdict store's benchmark.</summary>
internal static class StoreCommand
{
    public static Command Create()
    {
        Option<int> files = new("--files")
        {
            Description = "Verdicts on files that are kept",
            DefaultValueFactory = _ => 1_000_000,
        };
        Option<int> contents = new("--contents")
        {
            Description = "Verdicts on contents that are kept",
            DefaultValueFactory = _ => 200_000,
        };
        Option<int> lookUps = new("--look-ups")
        {
            Description = "Look-ups of each kind, by each thread",
            DefaultValueFactory = _ => 200_000,
        };
        Option<string?> directory = new("--directory")
        {
            Description = "Where the store is made, in a directory of its own (default: the temporary directory)",
        };
        foreach (Option<int> option in (Option<int>[])[files, contents, lookUps])
        {
            option.Validators.Add(result =>
            {
                if (result.GetValueOrDefault<int>() < 1_000)
                {
                    result.AddError($"{option.Name}: at least 1000");
                }
            });
        }

        Command command = new("store", "The verdict store on disk: size, look-ups, rate of keeping, opening, memory.")
        {
            files, contents, lookUps, directory,
        };
        command.SetAction((parsed, _) => Failures.CatchAsync(() => StoreBenchmark.RunAsync(new StoreBenchmarkOptions(
            parsed.GetValue(files),
            parsed.GetValue(contents),
            parsed.GetValue(lookUps),
            parsed.GetValue(directory) ?? Path.GetTempPath()))));
        return command;
    }
}
