using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Scanner.Core.Policy;

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

    private readonly Option<string> _engine = new("--engine")
    {
        Description = "signatures, or signatures:DIR with hash lists (*.hdb, *.hsb) in DIR.",
        DefaultValueFactory = _ => "signatures",
    };

    private readonly Option<Profile> _profile = new("--profile")
    {
        Description = "What happens when an open cannot be decided: available allows it, strict denies it.",
        DefaultValueFactory = _ => Profile.Available,
    };

    private readonly Option<TimeSpan> _deadline = new("--deadline")
    {
        Description = "Longest wait of an open, as 5s or 500ms; 1 s more for each 20 MB of the file, at most 60 s.",
        CustomParser = ParseDuration,
        DefaultValueFactory = _ => new WatchOptions().Deadline,
    };

    private readonly Option<string> _state = new("--state")
    {
        Description = "Where the daemon keeps what it knows; hash lists in DIR/signatures are loaded if there are any.",
        HelpName = "DIR",
        DefaultValueFactory = _ => new WatchOptions().StateDirectory,
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
        _engine.Validators.Add(result =>
        {
            if (!EngineName.TryParse(result.GetValueOrDefault<string>(), out _))
            {
                result.AddError($"--engine: '{result.GetValueOrDefault<string>()}' is not signatures or signatures:DIR.");
            }
        });
    }

    public static Command Create()
    {
        WatchCommand watch = new();
        Command command = new("watch", "Watch directories in the foreground until interrupted.")
        {
            watch._directories, watch._engine, watch._profile, watch._deadline, watch._state,
            watch._wholeRoot, watch._observe, watch._json, watch._verbose, watch._faults,
        };
        command.SetAction(watch.Run);
        return command;
    }

    private int Run(ParseResult parsed) => Launcher.Run(
        parsed.GetValue(_directories) ?? [],
        new WatchOptions
        {
            SignatureDirectory = EngineName.Parse(parsed.GetValue(_engine)!).Directory,
            Profile = parsed.GetValue(_profile),
            Deadline = parsed.GetValue(_deadline),
            StateDirectory = Path.GetFullPath(parsed.GetValue(_state)!),
            WholeRoot = parsed.GetValue(_wholeRoot),
            Observe = parsed.GetValue(_observe),
            Json = parsed.GetValue(_json),
            Verbose = parsed.GetValue(_verbose),
            Faults = parsed.GetValue(_faults) ?? [],
        });

    private static TimeSpan ParseDuration(ArgumentResult result)
    {
        string text = result.Tokens[0].Value;
        (string number, double unit) = text switch
        {
            _ when text.EndsWith("ms", StringComparison.Ordinal) => (text[..^2], 1),
            _ when text.EndsWith('s') => (text[..^1], 1000),
            _ when text.EndsWith('m') => (text[..^1], 60_000),
            _ => (text, 1000.0),
        };
        if (double.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double amount)
            && amount * unit < TimeSpan.MaxValue.TotalMilliseconds)
        {
            return TimeSpan.FromMilliseconds(amount * unit);
        }

        result.AddError($"--deadline: '{text}' is not a time, as 5s or 500ms.");
        return default;
    }
}
