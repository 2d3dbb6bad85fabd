using Microsoft.Extensions.Logging;
using Scanner.Core.Scanning;
using Scanner.Linux;

namespace Scanner.Engines.Clamd;

/// <summary>Follows which database clamd has, and whether it certainly answers from it. Used by one thread.</summary>
/// <remarks>
/// The name is what VERSION says and a fingerprint of the database's files: VERSION alone does not change with lists
/// that an administrator adds. A third part is its configuration, which it reads at its start only: one that was
/// changed since then is not known, and the name that of this run. The first two are read from disk, also by clamd, so
/// the name changes before clamd has loaded what it names. The epoch is settled once one of these holds:
/// <list type="bullet">
/// <item>All files, and their directories, were last changed before the process started.</item>
/// <item>
/// After the last change was seen clamd was not loading, was sent RELOAD, has begun to load and has finished, which
/// its threads tell (<see cref="ClamdThreads"/>). That it was not loading matters: such a RELOAD would be lost, and the
/// load under way may have read the directory before the change. A load that failed leaves the old database in force;
/// the epoch is not settled then, and RELOAD is tried again after clamd's SelfCheck.
/// </item>
/// <item>
/// RELOAD is refused, or the threads tell nothing: after clamd has looked by itself, SelfCheck and a minute for loading
/// after the last change was seen. Where they seem to load all that time, ten minutes instead of one.
/// </item>
/// </list>
/// Where the process or its files cannot be seen from here, VERSION is all there is: settled when it has not changed
/// for the default SelfCheck and a minute on this connection. Lists that an administrator adds there are not noticed.
/// </remarks>
internal sealed partial class ClamdGeneration(ClamdOptions options, ILogger logger, TimeProvider time)
{
    /// <summary>For how clocks were read: the kernel stamps files with its last tick, and starts by ticks.</summary>
    private const long StartSlack = 1_000_000_000;

    /// <summary>Looks that must agree: the first may have seen the moment between two loads.</summary>
    private const int QuietLooks = 2;

    private static readonly TimeSpan s_loading = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan s_loadingAtMost = TimeSpan.FromMinutes(10);

    private ClamdInstance? _instance;
    private ClamdLog _log = new(null);
    private string _configuration = "";
    private Stage _stage;
    private long _since;
    private int _quietLooks;
    private bool _isSilent;

    private enum Stage
    {
        /// <summary>Something is new.</summary>
        Changed,

        /// <summary>It stayed so for a look: clamd can be told.</summary>
        Quiet,

        /// <summary>clamd was told.</summary>
        Loading,

        /// <summary>clamd is left to find out by itself.</summary>
        Waiting,

        /// <summary>clamd could not load it.</summary>
        Failed,

        Settled,
    }

    /// <summary>The epoch; the same object until something about it changes.</summary>
    public EngineEpoch Current { get; private set; } = ClamdState.Unknown.Epoch;

    /// <summary>There is a new connection.</summary>
    /// <param name="instance">Who is at its end; <c>null</c> if that is not known.</param>
    public void Connect(ClamdInstance? instance)
    {
        if (instance is null || !instance.IsSameRun(_instance))
        {
            _instance = instance;
            _log = new ClamdLog(instance?.Settings.LogFile);
            _configuration = instance is null ? "" : Describe(instance);
            Enter(Stage.Changed);
        }

        _quietLooks = 0;
    }

    /// <summary>The connection is gone: whoever is reached next may have another database.</summary>
    public void Disconnect() => Publish(Current.Name, isSettled: false);

    /// <summary>Looks at the files, and at what clamd is at.</summary>
    /// <param name="channel">The connection, over which clamd has just answered.</param>
    /// <param name="version">What clamd said to VERSION.</param>
    /// <returns>Whether clamd answered; if not, the channel is of no use any more.</returns>
    public bool Look(ClamdChannel channel, string version)
    {
        _isSilent = false;

        // First what clamd has done, then the files: what changes in between is seen as a change.
        bool hasLoaded = Advance(channel);
        DirectoryFingerprint? files = TakeFiles();
        string name = files is null ? version : $"{version} +{files.Text} {_configuration}";
        if (name != Current.Name)
        {
            Enter(Stage.Changed);
        }
        else if (hasLoaded)
        {
            Enter(Stage.Settled);
        }
        else if (_stage == Stage.Changed)
        {
            // Not at once: whoever writes a list may not be done, and times of files have a tick's resolution.
            _stage = files is null ? Stage.Waiting : Stage.Quiet;
        }

        if (_stage != Stage.Settled && files is not null && WasThereAtStart(_instance!, files.NewestChange))
        {
            Enter(Stage.Settled);
        }

        Publish(name, _stage == Stage.Settled);
        return !_isSilent;
    }

    private void Publish(string name, bool isSettled)
    {
        EngineEpoch epoch = new(name, isSettled);
        Current = epoch == Current ? Current : epoch;
    }

    private void Enter(Stage stage)
    {
        _stage = stage;
        _since = time.GetTimestamp();
        _quietLooks = 0;
    }

    /// <returns>Whether clamd answers from the files as they were when they were last looked at.</returns>
    private bool Advance(ClamdChannel channel)
    {
        switch (_stage)
        {
            case Stage.Quiet:
                Reload(_instance!);
                return _stage == Stage.Quiet && HasLookedItself(s_loadingAtMost);
            case Stage.Loading:
                return HasLoaded(channel, _instance!) || (_stage == Stage.Loading && HasLookedItself(s_loadingAtMost));
            case Stage.Waiting:
                return HasLookedItself(s_loading);
            case Stage.Failed when time.GetElapsedTime(_since) > RetryAfter:
                Enter(Stage.Quiet);
                return false;
            default:
                return false;
        }
    }

    private TimeSpan RetryAfter => TimeSpan.FromSeconds(Math.Max(SelfCheck, 60));

    private int SelfCheck => (_instance?.Settings ?? new ClamdSettings()).SelfCheck;

    /// <summary>Whether clamd must have noticed the change without being told, and had time to load.</summary>
    private bool HasLookedItself(TimeSpan loading) =>
        SelfCheck > 0 && time.GetElapsedTime(_since) > TimeSpan.FromSeconds(SelfCheck) + loading;

    private void Reload(ClamdInstance instance)
    {
        bool? isLoading = ClamdThreads.TryTellLoading(instance.ProcessId);
        if (isLoading == true)
        {
            return;
        }

        _log.Mark();
        switch (isLoading is null ? false : ClamdReload.TryAsk(options))
        {
            case true:
                Enter(Stage.Loading);
                break;
            case false:
                // Counted from the change.
                _stage = Stage.Waiting;
                break;
        }
    }

    /// <remarks>
    /// clamd's main thread has answered since it took RELOAD, so it has begun to load; when no thread loads any more,
    /// and it has answered once more, it uses what was loaded for whatever it is asked from then on.
    /// </remarks>
    private bool HasLoaded(ClamdChannel channel, ClamdInstance instance)
    {
        bool isQuiet = ClamdThreads.TryTellLoading(instance.ProcessId) == false;
        _isSilent = isQuiet && !channel.TryPing();
        _quietLooks = isQuiet && !_isSilent ? _quietLooks + 1 : 0;
        if (_quietLooks < QuietLooks)
        {
            return false;
        }

        if (!_log.HasFailure())
        {
            return true;
        }

        Enter(Stage.Failed);
        Log.ReloadFailed(logger, options.SocketPath);
        return false;
    }

    private DirectoryFingerprint? TakeFiles()
    {
        if (_instance is null)
        {
            return null;
        }

        string[] directories = [.. ClamdProcess.DatabasesOf(_instance.Settings).Where(Directory.Exists)];
        return directories.Length == 0
            ? null
            : DirectoryFingerprint.TryTake(directories, IsDatabase, entersDirectories: true);
    }

    /// <summary>freshclam's own notes, and the directories it downloads to, change without the database.</summary>
    private static bool IsDatabase(string name) =>
        name is not ("freshclam.dat" or "mirrors.dat") && !name.StartsWith("tmp.", StringComparison.Ordinal);

    private bool WasThereAtStart(ClamdInstance instance, long changedAt) =>
        ProcessFacts.TryTellStart(instance.StartTime, time.GetUtcNow()) is { } start
        && changedAt < Clock.OfFiles(start) - StartSlack;

    private string Describe(ClamdInstance instance) =>
        WasThereAtStart(instance, instance.Settings.ChangedAt)
            ? instance.Settings.Digest
            : $"{instance.Settings.Digest} {instance.StartTime}";

    private static partial class Log
    {
        [LoggerMessage(
            EngineEventIds.ClamdReloadFailed,
            LogLevel.Error,
            "clamd at {Socket} could not load its database and goes on with the one before; its log says why")]
        public static partial void ReloadFailed(ILogger logger, string socket);
    }
}
