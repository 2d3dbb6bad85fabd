using System.Diagnostics;
using Scanner.Core.Scanning;
using Scanner.Stores.Sqlite;

namespace Scanner.Stores.Tests.Sqlite;

/// <summary>A killed process loses at most its last second, and damages nothing.</summary>
public sealed class KillTests : IDisposable
{
    private const int Rounds = 20;

    /// <summary>Of what was kept this long before the end nothing may be missing.</summary>
    private static readonly TimeSpan s_loss = TimeSpan.FromSeconds(1);

    private readonly StoreDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact(Timeout = 180_000)]
    public async Task GivenAProcessThatKeepsVerdicts_WhenItIsKilledAtAnyMoment_ThenOnlyTheLastSecondIsLost()
    {
        Random random = new();
        long from = 0;
        for (int round = 0; round < Rounds; round++)
        {
            // By turns so few that only the time makes the store write, and more than it can write at once.
            int batch = round % 2 == 0 ? 1 : 100;
            TimeSpan time = TimeSpan.FromMilliseconds(random.Next(10, 3_000));
            (long last, long certain) = await KeepUntilKilledAsync(from, batch, time);
            using SqliteVerdictStore store = _directory.Open();

            Assert.Empty(_directory.Logger.Warnings);
            Assert.Equal("ok", _directory.Query("PRAGMA integrity_check"));
            AssertKept(store, from, certain, isCertain: true);
            AssertKept(store, certain, last + 100, isCertain: false);
            from = last + 100;
        }
    }

    private static void AssertKept(SqliteVerdictStore store, long after, long last, bool isCertain)
    {
        for (long number = after + 1; number <= last; number++)
        {
            bool isFile = store.TryGet(Keeper.File(number), Sample.Epoch, out Verdict file);
            bool isContent = store.TryGet(Sample.Content((ulong)number), Sample.Epoch, out Verdict content);
            Assert.True((isFile && isContent) || !isCertain, $"{number} of {after} to {last} is lost");
            Assert.True(!isFile || file == Keeper.VerdictOn(number));
            Assert.True(!isContent || content == Keeper.VerdictOn(number));
        }
    }

    /// <returns>The last number that was kept, and the last that must be there.</returns>
    private async Task<(long Last, long Certain)> KeepUntilKilledAsync(long from, int batch, TimeSpan time)
    {
        ProcessStartInfo start = new(Path.ChangeExtension(typeof(KillTests).Assembly.Location, null))
        {
            RedirectStandardOutput = true,
        };
        start.Environment[Keeper.Variable] = _directory.Root;
        start.Environment[Keeper.Variable + "_FROM"] = $"{from}";
        start.Environment[Keeper.Variable + "_BATCH"] = $"{batch}";
        using Process keeper = Process.Start(start)!;
        List<(long Number, long At)> kept = [(from, 0)];
        long flushed = from;
        Task reading = Task.Run(() =>
        {
            while (keeper.StandardOutput.ReadLine() is { } line)
            {
                if (line[0] == Keeper.Flushed)
                {
                    flushed = long.Parse(line.AsSpan(1));
                    continue;
                }

                kept.Add((long.Parse(line), Stopwatch.GetTimestamp()));
            }
        });
        while (kept.Count == 1)
        {
            Assert.False(keeper.HasExited);
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }

        await Task.Delay(time, TestContext.Current.CancellationToken);
        long killedAt = Stopwatch.GetTimestamp();
        keeper.Kill();
        await keeper.WaitForExitAsync(TestContext.Current.CancellationToken);
        await reading;
        long certain = kept.Last(line => line.At == 0 || Stopwatch.GetElapsedTime(line.At, killedAt) > s_loss).Number;
        return (kept[^1].Number, Math.Max(certain, flushed));
    }
}
