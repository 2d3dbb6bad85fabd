using System.CommandLine;
using Scanner.Benchmarks;
using Scanner.Benchmarks.Caching;
using Scanner.Benchmarks.Clamd;
using Scanner.Benchmarks.Keeping;
using Scanner.Benchmarks.Known;
using Scanner.Benchmarks.Marks;
using Scanner.Benchmarks.Stalled;
using Scanner.Benchmarks.Store;
using Scanner.Benchmarks.Warm;
using Scanner.Benchmarks.Work;

Option<int?> rounds = new("--rounds")
{
    Description = "Rounds; in each, every cell is measured once (default 5, quick 2)",
};
rounds.Validators.Add(result =>
{
    if (result.GetValueOrDefault<int?>() < 1)
    {
        result.AddError("--rounds: at least 1");
    }
});
Option<bool> quick = new("--quick") { Description = "Short measurements: does it work, not how fast is it" };
Option<string?> scannerd = new("--scannerd")
{
    Description = "The daemon to measure (default: this checkout's Release build)",
};
Option<string?> json = new("--json") { Description = "Write all numbers to this file as JSON" };

RootCommand command = new("How long an open takes: plain, through a minimal responder in C, and through scannerd.")
{
    rounds, quick, scannerd, json,
    ClamdCommand.Create(), WarmCommand.Create(), WorkCommand.Create(), MarksCommand.Create(),
    TableCommand.Create(), CopyCommand.Create(), StoreCommand.Create(), StalledCommand.Create(), KnownCommand.Create(),
    KeepingCommand.Create(),
};
command.SetAction((parsed, cancellation) => Failures.CatchAsync(() => Benchmark.RunAsync(
    new BenchmarkOptions
    {
        Rounds = parsed.GetValue(rounds) ?? (parsed.GetValue(quick) ? 2 : 5),
        Quick = parsed.GetValue(quick),
        Scannerd = parsed.GetValue(scannerd),
        JsonFile = parsed.GetValue(json),
    },
    cancellation)));

// Long enough to stop everything and unmount: the default of 2 s would leave the image mounted.
InvocationConfiguration configuration = new() { ProcessTerminationTimeout = TimeSpan.FromMinutes(1) };
return await command.Parse(args).InvokeAsync(configuration);
