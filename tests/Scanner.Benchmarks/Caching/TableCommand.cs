using System.CommandLine;

namespace Scanner.Benchmarks.Caching;

/// <summary>The command line of the verdict table's benchmark.</summary>
internal static class TableCommand
{
    public static Command Create()
    {
        Option<int> rounds = new("--rounds")
        {
            Description = "Rounds; in each, every size is measured once",
            DefaultValueFactory = _ => 7,
        };
        rounds.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() < 1)
            {
                result.AddError("--rounds: at least 1");
            }
        });
        Command command = new("table", "The verdicts kept in memory: how long a look-up and growing take.")
        {
            rounds,
        };
        command.SetAction((parsed, cancellation) => Failures.CatchAsync(() => Task.Run(
            () => TableBenchmark.Run(parsed.GetValue(rounds), Console.Out, cancellation), cancellation)));
        return command;
    }
}
