using System.Collections.Concurrent;
using System.Text;
using Microsoft.Extensions.Hosting;

namespace Scanner.Core.Recording;

/// <summary>Prints lines on standard output from a thread of its own.</summary>
/// <remarks>
/// Whoever reads our output may stop reading. Then the thread stands still, the queue fills, and further lines are
/// dropped and counted; no answer to an event ever waits for it.
/// </remarks>
/// <param name="output">Standard output.</param>
/// <param name="format">Words the notice of lines that were dropped.</param>
public sealed class OutputWriter(Stream output, IRecordFormat format) : IHostedService
{
    private const int QueueLength = 4096;

    /// <summary>How long the last lines may take at the end, when somebody may not be reading.</summary>
    private static readonly TimeSpan s_closingTime = TimeSpan.FromSeconds(1);

    private readonly BlockingCollection<byte[]> _queue = new(QueueLength);
    private Thread? _thread;
    private long _dropped;

    /// <summary>Lines that were dropped because nobody read them in time.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <summary>Prints a line, newline included, or drops it; never waits.</summary>
    public void TryWrite(byte[] line)
    {
        try
        {
            if (_queue.TryAdd(line))
            {
                return;
            }
        }
        catch (InvalidOperationException)
        {
            // The end: nobody prints any more.
        }

        Interlocked.Increment(ref _dropped);
    }

    /// <summary>Prints a line of text.</summary>
    public void TryWrite(string line) => TryWrite(Encoding.UTF8.GetBytes(line + '\n'));

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _thread = new Thread(Run) { Name = "output", IsBackground = true };
        _thread.Start();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        _queue.CompleteAdding();
        _ = _thread?.Join(s_closingTime);
        return Task.CompletedTask;
    }

    private void Run()
    {
        long reported = 0;
        foreach (byte[] line in _queue.GetConsumingEnumerable())
        {
            try
            {
                output.Write(line);
                long dropped = Dropped;
                if (dropped != reported)
                {
                    output.Write(format.FormatDropped(dropped - reported));
                    reported = dropped;
                }
            }
            catch (IOException)
            {
                // The reader is gone. Protection goes on without one.
                Interlocked.Increment(ref _dropped);
            }
        }
    }
}
