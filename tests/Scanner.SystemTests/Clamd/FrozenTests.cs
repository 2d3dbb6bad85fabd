using System.Diagnostics;
using Scanner.SystemTests.Fixtures;
using Scanner.SystemTests.Openers;
using Scanner.Testing.Clamd;

namespace Scanner.SystemTests.Clamd;

/// <summary>Openers and clamd that stand still in the middle of an open, as they do at a suspend.</summary>
public sealed class FrozenTests(ITestOutputHelper output)
{
    private const int Openers = 10;

    private static readonly TimeSpan _deadline = TimeSpan.FromSeconds(2);

    /// <summary>Until the last of them has begun to wait, and until its decision was printed and read.</summary>
    private static readonly TimeSpan _read = TimeSpan.FromMilliseconds(500);

    [Fact(Timeout = 90_000)]
    public async Task GivenAFrozenClamd_WhenOpenersAreFrozenToo_ThenTheyAreAnsweredInTimeAndGetTheirAnswersLater()
    {
        await using ClamdServer server = await ClamdServer.StartAsync();
        await using ClamdCase test = await ClamdCase.StartAsync(
            server.SocketPath, "--deadline", $"{(int)_deadline.TotalSeconds}s");
        string[] files = await WriteAsync(test);
        using Freezer engine = Freezer.Create();
        engine.Add(server.ProcessId);
        engine.Freeze();
        await engine.StandsStillAsync();
        using Freezer frozen = Freezer.Create();
        List<Opener> openers = [];
        try
        {
            Stopwatch clock = Stopwatch.StartNew();
            foreach (string file in files)
            {
                openers.Add(Opener.Start(TimeSpan.FromSeconds(30), "open", file));
                frozen.Add(openers[^1].Id);
            }

            foreach (Opener opener in openers)
            {
                await opener.BlockedAsync();
            }

            frozen.Freeze();
            bool allAnswered = await Poll.UntilAsync(
                2 * _deadline,
                () => openers.TrueForAll(opener => test.Decisions.Any(one => one.ProcessId == opener.Id)));
            output.WriteLine($"answered after {clock.ElapsedMilliseconds} ms");

            Assert.True(allAnswered, test.Scanner.ToString());
            Assert.True(clock.Elapsed < _deadline + ClamdCase.AfterDeadline + _read, $"{clock.Elapsed}");
            Assert.True(openers.TrueForAll(opener => ProcessTable.IsAlive(opener.Id)), "an opener was not frozen");
            frozen.Thaw();
            foreach (Opener opener in openers)
            {
                Assert.Equal(OpenerResult.Denied, (await opener.ResultAsync()).Line);
            }
        }
        finally
        {
            frozen.Thaw();
            openers.ForEach(opener => opener.Dispose());
        }

        engine.Thaw();
        await test.RecoveredAsync(ClamdCase.Recovery);
        (await test.SweepAsync(await test.WritePairsAsync(Openers), 4)).AssertAllRight();
        await test.CloseAccountAsync(output);
    }

    [Fact(Timeout = 90_000)]
    public async Task GivenFrozenOpeners_WhenOthersOpenFiles_ThenTheyAreAnsweredAndNobodyHangsAfterwards()
    {
        await using ClamdServer server = await ClamdServer.StartAsync();
        await using ClamdCase test = await ClamdCase.StartAsync(server.SocketPath);
        string list = await test.WritePairsAsync(Openers);
        using Freezer frozen = Freezer.Create();
        using Opener loop = Opener.Start(TimeSpan.FromSeconds(40), "loop", "4", "4", list, "20");
        await loop.BegunAsync();
        foreach (int process in ProcessTable.ChildrenOf(loop.Id))
        {
            frozen.Add(process);
        }

        // In the middle of whatever each of them does, again and again.
        for (int i = 0; i < 20; i++)
        {
            frozen.Freeze();
            (await test.SweepAsync(await test.WritePairsAsync(2), 2)).AssertAllRight();
            frozen.Thaw();
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }

        test.Add(await loop.ResultAsync()).AssertAllRight();
        await test.CloseAccountAsync(output);
    }

    private static async Task<string[]> WriteAsync(ClamdCase test)
    {
        string[] files = new string[Openers];
        for (int i = 0; i < files.Length; i++)
        {
            files[i] = await test.Mount.WriteAsync($"clean{i}", ClamdSamples.Clean(4096, i));
        }

        return files;
    }
}
