using Scanner.Core.Caching;
using Scanner.Testing;

namespace Scanner.Core.Tests.Caching;

/// <summary>Threads that change a table while others look into it.</summary>
public sealed class VerdictTableRaceTests
{
    private static readonly TimeSpan s_duration = TimeSpan.FromSeconds(2);

    public static TheoryData<string> WaysToForget => VerdictTableTests.WaysToForget;

    [Theory(Timeout = 30_000)]
    [InlineData(4)]
    [InlineData(64)]
    public async Task GivenWritersOfFewFiles_WhenReadersHit_ThenItIsTheVerdictOnJustThatVersion(int capacity)
    {
        const int files = 12;
        const int versions = 4;
        const int epochs = 2;
        VerdictTable table = new(capacity);
        long wrong = 0;

        void Write(Random random)
        {
            FileVersion version = Versions.Of(random.Next(files), random.Next(versions));
            if (random.Next(8) == 0)
            {
                table.Forget(version.File, ForgetReason.Written);
            }
            else
            {
                table.Keep(version, random.Next(epochs));
            }
        }

        void Read(Random random)
        {
            int epoch = random.Next(epochs);
            FileVersion version = Versions.Of(random.Next(files), random.Next(versions));
            if (table.TryGet(version, epoch, out KnownVerdict verdict) && verdict != Versions.VerdictOn(version, epoch))
            {
                Interlocked.Increment(ref wrong);
            }

            // Numbers that were never together in one version.
            FileVersion mixed = random.Next(2) == 0
                ? version with { ChangedAt = version.ChangedAt + 7 }
                : version with { Generation = version.Generation + 1 };
            if (table.TryGet(mixed, epoch, out _))
            {
                Interlocked.Increment(ref wrong);
            }
        }

        await RunAll(Write, Write, Read, Read);

        Assert.Equal(0, wrong);
        Assert.True(table.Counters[TableCounter.Hit] > 1_000);
        Assert.True(capacity >= files || table.Counters[TableCounter.Evicted] > 1_000);
        Assert.InRange(table.Count, 0, Math.Min(capacity, files));
    }

    [Fact(Timeout = 30_000)]
    public async Task GivenATableThatGrows_WhenWhatIsKeptIsLookedUp_ThenItIsAlwaysFound()
    {
        const int files = 500_000;
        VerdictTable table = new();
        int kept = 0;
        long missed = 0;
        long looked = 0;

        void Read()
        {
            Random random = new();
            while (Volatile.Read(ref kept) < files)
            {
                FileVersion version = Versions.Of(random.Next(Volatile.Read(ref kept) + 1) - 1);
                if ((long)version.File.Inode < 0)
                {
                    continue;
                }

                Interlocked.Increment(ref looked);
                if (!table.Has(version))
                {
                    Interlocked.Increment(ref missed);
                }
            }
        }

        void Write()
        {
            for (int file = 0; file < files; file++)
            {
                table.Keep(Versions.Of(file));
                Volatile.Write(ref kept, file + 1);
            }
        }

        await Task.WhenAll(Blocking.Run(Read), Blocking.Run(Read), Blocking.Run(Write));

        Assert.Equal(0, missed);
        Assert.True(looked > 1_000);
        Assert.Equal(files, table.Count);
    }

    /// <summary>
    /// The content changes and the version does not, as with a shared mapping: only forgetting tells the two apart.
    /// </summary>
    [Theory(Timeout = 30_000)]
    [MemberData(nameof(WaysToForget))]
    public async Task GivenScansUnderWay_WhenTheFileIsForgotten_ThenNoHitIsAboutOlderContent(string what)
    {
        VerdictTable table = new(100);
        FileVersion version = Versions.Of(1);
        int content = 0;
        long old = 0;
        long hits = 0;

        void Scan(Random random)
        {
            ForgetStamp stamp = table.Stamp(version.File);
            KnownVerdict verdict = KnownVerdict.Infected(Volatile.Read(ref content));
            Thread.SpinWait(random.Next(40));
            _ = table.Keep(version, 0, verdict, stamp);
        }

        void Change(Random random)
        {
            int changed = Interlocked.Increment(ref content);
            VerdictTableTests.Forget(table, what);
            int looks = random.Next(50);
            for (int i = 0; i < looks; i++)
            {
                if (table.TryGet(version, 0, out KnownVerdict verdict))
                {
                    hits++;
                    old += verdict.Signature == changed ? 0 : 1;
                }
            }
        }

        await RunAll(Scan, Scan, Change);

        Assert.Equal(0, old);
        Assert.True(hits > 100, $"{hits} hits");
        Assert.True(table.Counters[TableCounter.StaleStamp] > 10);
    }

    /// <summary>Repeats each step on a thread of its own until the time is over.</summary>
    private static Task RunAll(params Action<Random>[] steps)
    {
        long end = Environment.TickCount64 + (long)s_duration.TotalMilliseconds;
        return Task.WhenAll(steps.Select(step => Blocking.Run(() =>
        {
            Random random = new();
            while (Environment.TickCount64 < end)
            {
                step(random);
            }
        })));
    }
}
