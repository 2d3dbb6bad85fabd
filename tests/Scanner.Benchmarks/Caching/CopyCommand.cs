using System.CommandLine;

namespace Scanner.Benchmarks.Caching;

/// <summary>The command line of the sealed copies' benchmark.</summary>
internal static class CopyCommand
{
    public static Command Create()
    {
        Command command = new("copy", "Sealed copies of files: how long reading, copying and hashing take.");
        command.SetAction((_, cancellation) => Failures.CatchAsync(() => Task.Run(
            () => CopyBenchmark.Run(Console.Out, cancellation), cancellation)));
        return command;
    }
}
