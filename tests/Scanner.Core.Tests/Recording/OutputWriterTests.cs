using System.Diagnostics;
using Scanner.Core.Recording;
using Scanner.Testing;

namespace Scanner.Core.Tests.Recording;

/// <summary>Nobody who writes a line ever waits for who reads it.</summary>
public sealed class OutputWriterTests : IAsyncLifetime
{
    private const int Many = 20_000;

    private readonly GatedStream _stream = new();
    private readonly OutputWriter _writer;

    public OutputWriterTests() => _writer = new OutputWriter(_stream, new TextRecordFormat());

    public async ValueTask InitializeAsync() => await _writer.StartAsync(TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        _stream.Unblock();
        await _writer.StopAsync(CancellationToken.None);
    }

    [Fact(Timeout = 10_000)]
    public async Task GivenLines_WhenTheyAreRead_ThenAllComeInOrder()
    {
        string[] lines = [.. Enumerable.Range(0, 1_000).Select(i => $"line {i}")];
        foreach (string line in lines)
        {
            _writer.TryWrite(line);
        }

        await _writer.StopAsync(TestContext.Current.CancellationToken);

        Assert.Equal(lines.Select(line => line + "\n"), _stream.Lines);
        Assert.Equal(0, _writer.Dropped);
    }

    [Fact(Timeout = 20_000)]
    public Task GivenAReaderThatStops_WhenLinesAreWritten_ThenNobodyWaitsAndWhatIsDroppedIsCounted() => Blocking.Run(() =>
    {
        _stream.Block();
        Stopwatch clock = Stopwatch.StartNew();
        for (int i = 0; i < Many; i++)
        {
            _writer.TryWrite("line");
        }

        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(5), $"writing took {clock.Elapsed}");
        Assert.True(_writer.Dropped > 0);
        _stream.Unblock();
        Assert.True(SpinWait.SpinUntil(() => Printed("line") + _writer.Dropped == Many, 10_000));
    });

    [Fact(Timeout = 20_000)]
    public Task GivenAReaderThatGoesOn_WhenALineIsWritten_ThenItComes() => Blocking.Run(() =>
    {
        _stream.Block();
        for (int i = 0; i < Many; i++)
        {
            _writer.TryWrite("line");
        }

        _stream.Unblock();
        Assert.True(SpinWait.SpinUntil(() => Printed("line") + _writer.Dropped == Many, 10_000));
        _writer.TryWrite("later");

        Assert.True(SpinWait.SpinUntil(() => _stream.Lines[^1] == "later\n", 10_000));
    });

    [Fact(Timeout = 20_000)]
    public Task GivenAnOutputThatFails_WhenItIsWellAgain_ThenLaterLinesComeAndTheOthersAreCounted() => Blocking.Run(() =>
    {
        _stream.Fails = true;
        _writer.TryWrite("lost");
        Assert.True(SpinWait.SpinUntil(() => _writer.Dropped == 1, 10_000));
        _stream.Fails = false;

        _writer.TryWrite("later");

        Assert.True(SpinWait.SpinUntil(() => _stream.Lines.Count == 2, 10_000));
        Assert.Equal(["later\n", "1 lines are missing here: nobody read them in time\n"], _stream.Lines);
    });

    [Fact(Timeout = 20_000)]
    public async Task GivenAReaderThatStops_WhenTheWriterStops_ThenItDoesNotWaitForEver()
    {
        _stream.Block();
        _writer.TryWrite("line");
        Stopwatch clock = Stopwatch.StartNew();

        await _writer.StopAsync(TestContext.Current.CancellationToken);

        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(5), $"stopping took {clock.Elapsed}");
        _writer.TryWrite("too late");
        Assert.Equal(1, _writer.Dropped);
    }

    /// <summary>How often a line was printed; between them stands that others are missing.</summary>
    private int Printed(string line) => _stream.Lines.Count(printed => printed == line + '\n');
}
