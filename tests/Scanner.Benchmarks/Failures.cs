namespace Scanner.Benchmarks;

/// <summary>What a command returns: its failures are messages and exit codes, everything else is a bug.</summary>
internal static class Failures
{
    private const int Failed = 1;
    private const int Interrupted = 130;

    public static async Task<int> CatchAsync(Func<Task> action)
    {
        try
        {
            await action();
            return 0;
        }
        catch (BenchmarkException error)
        {
            await Console.Error.WriteLineAsync(error.Message);
            return Failed;
        }
        catch (OperationCanceledException)
        {
            return Interrupted;
        }
    }
}
