using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging.Abstractions;
using Scanner.Core.Caching;
using Scanner.Core.Scanning;
using Scanner.Stores.Sqlite;

namespace Scanner.Stores.Tests.Sqlite;

/// <summary>
/// This test program as another process: with a directory in the environment it runs no tests, but keeps one verdict
/// after the other in a store there until it is killed, and prints the number of each.
/// </summary>
internal static class Keeper
{
    public const string Variable = "SCANNER_TEST_KEEPER";

    /// <summary>Printed before the number up to which everything was flushed.</summary>
    public const char Flushed = 'f';

    public static FileVersion File(long number) => Sample.File((ulong)number);

    public static Verdict VerdictOn(long number) =>
        number % 5 == 0 ? Verdict.Infected($"Signature-{number}") : Verdict.Clean;

#pragma warning disable CA2255 // It is a program, not a library, and its Main is generated.
    [ModuleInitializer]
#pragma warning restore CA2255
    internal static void Run()
    {
        if (Environment.GetEnvironmentVariable(Variable) is { } directory)
        {
            Keep(directory);
        }
    }

    private static void Keep(string directory)
    {
        // More than one round keeps, less than all do: rows also leave.
        SqliteStoreOptions options = new() { Directory = directory, MaxFiles = 100_000 };
        IVerdictStore store = SqliteVerdictStore.Open(options, NullLogger.Instance, TimeProvider.System);
        using StreamWriter output = new(Console.OpenStandardOutput()) { AutoFlush = true };
        long number = long.Parse(Environment.GetEnvironmentVariable(Variable + "_FROM")!);
        int batch = int.Parse(Environment.GetEnvironmentVariable(Variable + "_BATCH")!);
        while (true)
        {
            for (int i = 0; i < batch; i++)
            {
                number++;
                store.Keep(File(number), Sample.Epoch, VerdictOn(number));
                store.Keep(Sample.Content((ulong)number), Sample.Epoch, VerdictOn(number));
            }

            if (number % 5_000 == 0)
            {
                store.FlushAsync().GetAwaiter().GetResult();
                output.WriteLine($"{Flushed}{number}");
            }

            output.WriteLine(number);
            Thread.Sleep(5);
        }
    }
}
