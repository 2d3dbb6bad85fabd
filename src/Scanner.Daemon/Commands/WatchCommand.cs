using System.CommandLine;
using Scanner.Core.Policy;
using Scanner.Linux.Fanotify;

namespace Scanner.Daemon.Commands;

/// <summary><c>scannerd watch [DIR]...</c></summary>
internal sealed class WatchCommand
{
    private readonly Argument<string[]> _directories = new("DIR")
    {
        Description = "Directories to watch. The file system that holds DIR is watched, and what lies below DIR is "
            + $"decided on. Without DIR, a small one with a clean and an EICAR file is made in {DemonstrationDirectory.Path}.",
        Arity = ArgumentArity.ZeroOrMore,
    };

    private readonly Option<EngineChoice?> _engine = new("--engine")
    {
        Description = $"What scans: {EngineNames.Forms} with hash lists (*.hdb, *.hsb) in DIR. "
            + "Without it, a clamd that answers at one of the usual sockets, else signatures.",
        HelpName = "ENGINE",
        CustomParser = OptionValues.ParseEngine,
    };

    private readonly Option<EngineChoice?> _fallback = new("--fallback")
    {
        Description = "What scans while the engine cannot be reached; then its word counts, also when it says clean.",
        HelpName = "ENGINE",
        CustomParser = OptionValues.ParseEngine,
    };

    private readonly Option<long?> _maxSize = new("--max-size")
    {
        Description = "Largest file to scan, in bytes or as 20k or 50M. A larger one is a failure: see --profile.",
        HelpName = "BYTES",
        CustomParser = OptionValues.ParseSize,
    };

    private readonly Option<Profile> _profile = new("--profile")
    {
        Description = "What happens when an open cannot be decided: available allows it, strict denies it.",
        HelpName = "available|strict",
        DefaultValueFactory = _ => Profile.Available,
    };

    private readonly Option<TimeSpan> _deadline = new("--deadline")
    {
        Description = "Longest wait of an open, as 5s or 500ms; 1 s more for each 20 MB of the file, at most 60 s.",
        HelpName = "TIME",
        CustomParser = OptionValues.ParseDuration,
        DefaultValueFactory = _ => new WatchOptions().Deadline,
    };

    private readonly Option<string> _state = new("--state")
    {
        Description = "Where the daemon keeps what it knows; hash lists in DIR/signatures are loaded if there are any.",
        HelpName = "DIR",
        DefaultValueFactory = _ => new WatchOptions().StateDirectory,
    };

    private readonly Option<CacheKind?> _cache = new("--cache")
    {
        Description = "Where verdicts are kept: on disk (in the directory of --state), in memory only, or nowhere. "
            + "Default: disk, without DIR memory.",
        HelpName = "disk|memory|none",
    };

    private readonly Option<bool> _noMarks = new("--no-kernel-marks")
    {
        Description = "Have the kernel ask at every open, also of files known to be clean that only root can write.",
    };

    private readonly Option<int> _keptLeases = new("--kept-leases")
    {
        Description = "How many leases to keep on files that users can write, so that the kernel need not ask. 0 is none.",
        HelpName = "NUMBER",
        DefaultValueFactory = _ => new WatchOptions().KeptLeases,
    };

    private readonly Option<TimeSpan> _leaseTime = new("--lease-time")
    {
        Description = "How long such a lease is kept at a time; its file system cannot be unmounted meanwhile.",
        HelpName = "TIME",
        CustomParser = OptionValues.ParseDuration,
        DefaultValueFactory = _ => new WatchOptions().LeaseTime,
    };

    private readonly Option<bool> _leaseLaterMounts = new("--lease-later-mounts")
    {
        Description = "Keep leases also on what was mounted after the start, and with Linux before 6.8 at all.",
    };

    private readonly Option<bool> _noWriteShortcut = new("--no-write-shortcut")
    {
        Description = "Scan also for opens that can only write, and so read nothing of what is there.",
    };

    private readonly Option<Access?> _crashAction = new("--crash-action")
    {
        Description = "What happens to opens when the deciding process keeps dying: allow leaves the machine unprotected, "
            + "deny leaves what is watched unusable, until one is ready. Default: as the profile.",
        HelpName = "allow|deny",
        CustomParser = OptionValues.ParseAccess,
    };

    private readonly Option<TimeSpan> _crashBudget = new("--crash-budget")
    {
        Description = "How long opens may wait for a process that decides before that.",
        HelpName = "TIME",
        CustomParser = OptionValues.ParseDuration,
        DefaultValueFactory = _ => new WatchOptions().CrashBudget,
    };

    private readonly Option<int> _crashDeaths = new("--crash-deaths")
    {
        Description = "How many deaths within a minute are too many.",
        HelpName = "NUMBER",
        DefaultValueFactory = _ => new WatchOptions().CrashDeaths,
    };

    private readonly Option<bool> _wholeRoot = new("--whole-root") { Description = "Allow to watch the root file system." };

    private readonly Option<bool> _observe = new("--observe") { Description = "Decide and report, but deny nothing." };

    private readonly Option<bool> _json = new("--json") { Description = "Print a JSON object a line." };

    private readonly Option<bool> _verbose = new("--verbose") { Description = "Print allowed opens too." };

    private readonly Option<string[]> _faults = new("--fault") { Hidden = true };

    private WatchCommand()
    {
        // Else a mistyped option would be taken for a directory.
        _directories.Validators.Add(result =>
        {
            foreach (string text in result.Tokens.Select(token => token.Value).Where(text => text.StartsWith('-')))
            {
                result.AddError($"'{text}' is no option; for a directory of that name write ./{text}");
            }
        });
    }

    public static Command Create()
    {
        WatchCommand watch = new();
        Command command = new("watch", "Watch directories in the foreground until interrupted.")
        {
            watch._directories, watch._engine, watch._fallback, watch._maxSize, watch._profile, watch._deadline, watch._state,
            watch._cache, watch._noMarks, watch._keptLeases, watch._leaseTime, watch._leaseLaterMounts,
            watch._noWriteShortcut, watch._crashAction, watch._crashBudget, watch._crashDeaths, watch._wholeRoot,
            watch._observe, watch._json, watch._verbose, watch._faults,
        };
        command.SetAction(watch.Run);
        return command;
    }

    private int Run(ParseResult parsed) => Launcher.Run(
        parsed.GetValue(_directories) ?? [],
        new WatchOptions
        {
            Engine = parsed.GetValue(_engine) ?? EngineNames.Choose(),
            Fallback = parsed.GetValue(_fallback),
            MaxFileSize = parsed.GetValue(_maxSize),
            Profile = parsed.GetValue(_profile),
            Deadline = parsed.GetValue(_deadline),
            StateDirectory = Path.GetFullPath(parsed.GetValue(_state)!),
            Cache = parsed.GetValue(_cache)
                ?? (parsed.GetValue(_directories) is [_, ..] ? CacheKind.Disk : CacheKind.Memory),
            KernelMarks = !parsed.GetValue(_noMarks),
            KeptLeases = parsed.GetValue(_keptLeases),
            LeaseTime = parsed.GetValue(_leaseTime),
            LeaseLaterMounts = parsed.GetValue(_leaseLaterMounts),
            WriteShortcut = !parsed.GetValue(_noWriteShortcut),
            CrashAction = parsed.GetValue(_crashAction),
            CrashBudget = parsed.GetValue(_crashBudget),
            CrashDeaths = parsed.GetValue(_crashDeaths),
            WholeRoot = parsed.GetValue(_wholeRoot),
            Observe = parsed.GetValue(_observe),
            Json = parsed.GetValue(_json),
            Verbose = parsed.GetValue(_verbose),
            Faults = parsed.GetValue(_faults) ?? [],
        });
}
