using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Scanner.Linux;
using Scanner.Linux.Sleep;

namespace Scanner.Core.Deciding;

/// <summary>Has the system go to sleep only when whoever waits for an answer has it.</summary>
/// <remarks>
/// While it sleeps nobody answers, and a process that waits for an answer can keep the system from sleeping at all.
/// A thread of its own, which no event meets and nobody waits for: who tells of the sleep may take his time, and what
/// it keeps the system awake by goes with the process.
/// </remarks>
internal sealed partial class SleepService(
    WaitingEvents waiting, Func<ISleepNotices> connect, ILogger<SleepService> logger) : IHostedService
{
    private const int NoticeToken = 1;
    private const int StopToken = 2;
    private const int LookMilliseconds = 20;
    private const int FirstPauseMilliseconds = 1_000;
    private const int LongestPauseMilliseconds = 60_000;

    private readonly EventCounter _stop = EventCounter.CreateFlag();
    private string? _reported;

    /// <summary>
    /// How long an answer may take before the failure action takes its place. Together with <see cref="Leaving"/> less
    /// than the 5 s for which logind waits (InhibitDelayMaxSec, logind.conf(5)).
    /// </summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>How long the failure actions may take.</summary>
    public TimeSpan Leaving { get; init; } = TimeSpan.FromSeconds(1);

    public Task StartAsync(CancellationToken cancellationToken)
    {
        new Thread(Run) { Name = "sleep", IsBackground = true }.Start();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        _stop.Post();
        return Task.CompletedTask;
    }

    private void Run()
    {
        using Poller poller = Poller.Create();
        poller.Add(_stop, StopToken);
        int pause = 0;
        do
        {
            try
            {
                using ISleepNotices notices = connect();
                Descriptor delay = notices.Delay();
                Log.Delaying(logger);
                _reported = null;
                pause = 0;
                Follow(notices, delay);
                return;
            }
            catch (ErrnoException error)
            {
                Report(error.Message);
                pause = Math.Clamp(2 * pause, FirstPauseMilliseconds, LongestPauseMilliseconds);
            }
        }
        while (poller.Wait(pause) != StopToken);
    }

    /// <summary>Returns when it is told to stop.</summary>
    /// <param name="notices">Tells of the sleep.</param>
    /// <param name="first">Keeps the system awake until the first time.</param>
    private void Follow(ISleepNotices notices, Descriptor first)
    {
        Descriptor? delay = first;
        using Poller poller = Poller.Create();
        poller.Add(notices.Arrivals, NoticeToken);
        poller.Add(_stop, StopToken);
        try
        {
            do
            {
                while (notices.TryTake() is { } isAboutToSleep)
                {
                    if (isAboutToSleep)
                    {
                        LetBeAnswered();
                        delay?.Dispose();
                        delay = null;
                    }
                    else
                    {
                        delay ??= notices.Delay();
                    }
                }
            }
            while (poller.Wait(Timeout.Infinite) != StopToken);
        }
        finally
        {
            delay?.Dispose();
        }
    }

    /// <summary>Waits for the answers to what was asked until now, and has the last ones given.</summary>
    private void LetBeAnswered()
    {
        using Poller poller = Poller.Create();
        poller.Add(_stop, StopToken);

        // What was asked a moment ago may not have been read yet.
        int token = poller.Wait(LookMilliseconds);
        long asked = Clock.Now;
        long patience = asked + (long)Patience.TotalNanoseconds;
        long end = patience + (long)Leaving.TotalNanoseconds;
        int hurried = 0;
        while (token != StopToken && Clock.Now < end && waiting.Any(readBefore: asked))
        {
            if (Clock.Now >= patience)
            {
                hurried += waiting.Hurry(asked);
            }

            token = poller.Wait(LookMilliseconds);
        }

        // On a busy machine this thread may not have looked in between.
        hurried += token == StopToken ? 0 : waiting.Hurry(asked);
        Log.AboutToSleep(logger, (Clock.Now - asked) / Clock.NanosecondsPerMillisecond, hurried);
    }

    /// <summary>Once, however often it is tried again.</summary>
    private void Report(string reason)
    {
        if (reason != _reported)
        {
            Log.NotDelaying(logger, reason);
            _reported = reason;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.DelayingSleep, LogLevel.Information, "The system waits for answers before it sleeps")]
        public static partial void Delaying(ILogger logger);

        [LoggerMessage(
            EventIds.NotDelayingSleep, LogLevel.Information, "The system sleeps without waiting for answers: {Reason}")]
        public static partial void NotDelaying(ILogger logger, string reason);

        [LoggerMessage(
            EventIds.AboutToSleep,
            LogLevel.Information,
            "Waited {Milliseconds} ms for answers before the system sleeps; {Count} were given as at a deadline")]
        public static partial void AboutToSleep(ILogger logger, long milliseconds, int count);
    }
}
