using System.Diagnostics;

namespace Scanner.SystemTests.Fixtures;

/// <summary>Waits for something that nobody announces.</summary>
internal static class Poll
{
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(10);

    /// <summary>True as soon as the condition holds, false if it never did in that time.</summary>
    public static Task<bool> UntilAsync(TimeSpan limit, Func<bool> condition) =>
        UntilAsync(limit, () => Task.FromResult(condition()));

    /// <inheritdoc cref="UntilAsync(TimeSpan, Func{bool})"/>
    public static async Task<bool> UntilAsync(TimeSpan limit, Func<Task<bool>> condition)
    {
        Stopwatch clock = Stopwatch.StartNew();
        while (!await condition())
        {
            if (clock.Elapsed > limit)
            {
                return false;
            }

            await Task.Delay(_pause, TestContext.Current.CancellationToken);
        }

        return true;
    }
}
