using Scanner.SystemTests.Fixtures;
using Scanner.SystemTests.Openers;

namespace Scanner.SystemTests.Cached;

/// <summary>A file whose beginning is infected while its end is still being scanned.</summary>
public sealed class ChangedDuringScanTests
{
    /// <summary>Bytes; takes the built-in engine long enough to be met in the middle.</summary>
    private const int Size = 64 << 20;

    private const int Tries = 5;

    public static TheoryData<CachedPlace, string> Cases()
    {
        TheoryData<CachedPlace, string> cases = [];
        foreach (CachedPlace place in Enum.GetValues<CachedPlace>().Except([CachedPlace.OverlayLower]))
        {
            cases.Add(place, "write");
            cases.Add(place, "mmap-closed");
            cases.Add(place, "mmap-dirty");
        }

        return cases;
    }

    [Theory(Timeout = 120_000)]
    [MemberData(nameof(Cases))]
    public async Task GivenAScanUnderWay_WhenWhatItHasPassedIsInfected_ThenItsVerdictIsNotKept(
        CachedPlace place, string command)
    {
        await using PlaceMount mount = await PlaceMount.CreateAsync(place);
        await mount.AttachOverlayAsync();
        byte[] infected = new byte[3 * ChangedContent.Block];
        new Random(1).NextBytes(infected);
        string source = mount.Mount.Work.Write("infected", infected);
        await using ScannerProcess scanner = await StartAsync(mount, infected);

        foreach (bool letGo in new[] { true, false })
        {
            int tries = 0;
            bool isMet = false;
            while (!isMet && tries++ < Tries)
            {
                string file = Path.Combine(mount.Path, $"file-{letGo}-{tries}");
                Assert.StartsWith("ok ", (await Opener.RunAsync("sparse", file, $"{Size}")).Line);
                isMet = await ChangeDuringScanAsync(command, file, source, letGo);
            }

            Assert.True(isMet, "no change came while the scan was under way");
        }
    }

    /// <param name="command">The way to change it.</param>
    /// <param name="file">The file.</param>
    /// <param name="source">What it gets.</param>
    /// <param name="letGo">The writer is gone before the scan ends, so that nothing tells of it any more.</param>
    /// <returns>Whether the opener still waited after that.</returns>
    private static async Task<bool> ChangeDuringScanAsync(string command, string file, string source, bool letGo)
    {
        using Opener holder = Opener.Start(
            TimeSpan.FromSeconds(60), "change-held", command, file, source, "keep", "-");
        await holder.SaysAsync("ready");
        if (command == "mmap-dirty")
        {
            holder.Continue();
            await holder.SaysAsync("again");
        }

        using Opener opener = Opener.Start(TimeSpan.FromSeconds(30), "head", file);
        await opener.BlockedAsync();
        holder.Continue();
        await holder.SaysAsync("changed");
        using Opener late = Opener.Start(TimeSpan.FromSeconds(30), "head", file);
        if (letGo)
        {
            holder.Continue();
            await holder.ResultAsync();
        }

        bool wasBlocked = ProcessTable.IsBlocked(opener.Id);
        // Either answer is right: it was clean when it was opened.
        await opener.ResultAsync();

        // It came while the file was scanned, but after the change.
        Assert.Equal(OpenerResult.Denied, (await late.ResultAsync()).Line);
        Assert.Equal(OpenerResult.Denied, (await Opener.RunAsync("head", file)).Line);
        if (!letGo)
        {
            holder.Continue();
            await holder.ResultAsync();
        }

        Assert.Equal(OpenerResult.Denied, (await Opener.RunAsync("head", file)).Line);
        return wasBlocked;
    }

    private static async Task<ScannerProcess> StartAsync(PlaceMount mount, byte[] infected)
    {
        byte[] whole = new byte[Size];
        infected.CopyTo(whole, 0);
        string signatures = mount.Mount.Work.Subdirectory("signatures");
        await File.WriteAllTextAsync(
            Path.Combine(signatures, "changed.hsb"),
            ChangedContent.Signature(whole),
            TestContext.Current.CancellationToken);
        return await ScannerProcess.StartAsync(
            [
                .. mount.Watched, "--engine", $"signatures:{signatures}", "--profile", "strict", "--json",
                "--state", mount.Mount.Work.Subdirectory("state"),
            ]);
    }
}
