using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Scanner.Core.Recording;
using Scanner.Journal;
using Scanner.Linux;

namespace Scanner.Core.Listening;

/// <summary>Puts protection in force, keeps it in line with the mounts, and takes it back.</summary>
internal sealed partial class ListeningService(
    GroupSet groups,
    ListeningTools tools,
    PrivateMounts own,
    Announcer announcer,
    ILogger<ListeningService> logger) : IHostedService
{
    private const int HostToken = 1;
    private const int OwnToken = 2;
    private const int StopToken = 3;
    private const int ReplacementToken = 4;
    private const int RetryMilliseconds = 1000;
    private const int LookMilliseconds = 5000;

    /// <summary>
    /// An event is in no slot between the kernel's queue and read(2), so one quiet look is not enough.
    /// </summary>
    private const int QuietLooks = 3;

    private static readonly TimeSpan s_lookInterval = TimeSpan.FromMilliseconds(20);

    private readonly EventCounter _stop = EventCounter.CreateFlag();
    private Thread? _follower;
    private IReadOnlyList<string> _reported = [];
    private (long QueueFull, long Unreadable) _told;

    /// <exception cref="WatchException">Something that was asked for cannot be watched.</exception>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        ref JournalHeader header = ref tools.Journal.Header;
        IReadOnlyList<string> failures = groups.Reconcile();
        if (!header.IsAnnounced && failures.Count > 0)
        {
            throw new WatchException(failures);
        }

        Report(failures);
        RecoverEvents();
        _follower = new Thread(() => FollowMounts(failures.Count > 0)) { Name = "mounts", IsBackground = true };
        _follower.Start();
        header.IsReady = true;
        if (!header.IsAnnounced)
        {
            announcer.Ready();
            header.IsAnnounced = true;
        }

        return Task.CompletedTask;
    }

    /// <summary>
    /// Asks no more, or leaves what is asked from now on to the next worker, and returns when everything that was read
    /// has been answered.
    /// </summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        _stop.Post();
        _follower?.Join();
        bool isHandingOver = tools.Journal.Header.IsHandingOver;
        if (isHandingOver)
        {
            groups.StopReading();
        }
        else
        {
            groups.RemoveMarks();
        }

        for (int quiet = 0; quiet < QuietLooks && !cancellationToken.IsCancellationRequested;)
        {
            quiet = tools.Waiting.Any() ? 0 : quiet + 1;
            await Task.Delay(s_lookInterval, CancellationToken.None);
        }

        if (!isHandingOver)
        {
            announcer.Stopped();
        }

        // The container disposes the groups, after the scheduler, which may still answer.
        _stop.Dispose();
    }

    /// <summary>Hands the events that an earlier worker has left to whoever decides.</summary>
    private void RecoverEvents()
    {
        IReadOnlyList<int> inherited = tools.Pool.Inherited;
        foreach (int index in inherited)
        {
            if (groups.Find(tools.Journal.Slot(index).Group) is { } group)
            {
                tools.Waiting[index].Begin(group, status: null, isRecovered: true);
                group.HandOn(index);
            }
            else
            {
                // The kernel answered its events when the group was closed.
                tools.Waiting.Abandon(index, tools.Pool);
            }
        }

        if (inherited.Count > 0)
        {
            Log.EventsRecovered(logger, inherited.Count);
        }
    }

    private void FollowMounts(bool isIncomplete)
    {
        using Poller poller = Poller.Create();
        poller.Add(tools.Replacements.Requested, ReplacementToken);
        poller.AddUrgent(tools.Host.Table.Descriptor, HostToken);
        poller.AddUrgent(own.Table.Descriptor, OwnToken);
        poller.Add(_stop, StopToken);

        // Adding a table takes away its notice of a change, so what came before this line is looked at now.
        isIncomplete |= !TryFollow();
        while (true)
        {
            int token = poller.Wait(isIncomplete ? RetryMilliseconds : LookMilliseconds);
            if (token == StopToken)
            {
                return;
            }

            if (token == ReplacementToken)
            {
                tools.Replacements.Requested.Take();
                isIncomplete |= !TryReplace();
                token = 0;
            }

            groups.LookAtRenames();
            ReportCounters();
            if (token != 0 || isIncomplete)
            {
                isIncomplete = !TryFollow();
            }
        }
    }

    /// <summary>Tells of what readers answered without a record, because they had no slot to make one from.</summary>
    private void ReportCounters()
    {
        ListeningCounters counters = tools.Counters;
        (long QueueFull, long Unreadable) now = (counters.QueueFull, counters.Unreadable);
        if (now.QueueFull != _told.QueueFull)
        {
            Log.QueueFull(logger, now.QueueFull - _told.QueueFull);
        }

        if (now.Unreadable != _told.Unreadable)
        {
            Log.UnreadableEvents(logger, now.Unreadable - _told.Unreadable);
        }

        _told = now;
    }

    private bool TryReplace()
    {
        try
        {
            return groups.Replace();
        }
        catch (ErrnoException error)
        {
            Log.LookFailed(logger, error);
            return false;
        }
    }

    private bool TryFollow()
    {
        try
        {
            IReadOnlyList<string> failures = groups.Reconcile();
            Report(failures);
            return failures.Count == 0;
        }
        catch (Exception error) when (error is ErrnoException or FormatException)
        {
            Log.LookFailed(logger, error);
            return false;
        }
    }

    private void Report(IReadOnlyList<string> failures)
    {
        // What goes on is said once, however often it is tried again.
        foreach (string failure in failures.Except(_reported))
        {
            tools.Counters.CountNotInOrder();
            Log.MountFailed(logger, failure);
        }

        _reported = failures;
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.EventsRecovered, LogLevel.Information, "Taking over {Count} events of the last worker")]
        public static partial void EventsRecovered(ILogger logger, int count);

        [LoggerMessage(
            EventIds.QueueFull, LogLevel.Warning, "No slot was free: {Count} opens got the action for a full queue")]
        public static partial void QueueFull(ILogger logger, long count);

        [LoggerMessage(
            EventIds.UnreadableEvents,
            LogLevel.Warning,
            "The kernel could not open {Count} files for us, because of a lease or a limit, and denied those opens")]
        public static partial void UnreadableEvents(ILogger logger, long count);

        [LoggerMessage(EventIds.MountFailed, LogLevel.Error, "Not in order: {Failure}")]
        public static partial void MountFailed(ILogger logger, string failure);

        [LoggerMessage(EventIds.LookFailed, LogLevel.Error, "The mounts could not be followed")]
        public static partial void LookFailed(ILogger logger, Exception error);
    }
}
