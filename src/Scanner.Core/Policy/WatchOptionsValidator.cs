using Microsoft.Extensions.Options;

namespace Scanner.Core.Policy;

/// <summary>Says everything that is wrong with the options, not only the first thing.</summary>
public sealed class WatchOptionsValidator : IValidateOptions<WatchOptions>
{
    private static readonly TimeSpan s_shortestDeadline = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_longestDeadline = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan s_shortestBudget = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_longestBudget = TimeSpan.FromMinutes(10);

    private static readonly TimeSpan s_shortestLease = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_longestLease = TimeSpan.FromMinutes(10);

    /// <summary>What clamd can be told at most.</summary>
    private const long MostFileSize = int.MaxValue;

    private const int MostKeptLeases = 65_536;

    private const int MostCrashDeaths = 1_000;

    public ValidateOptionsResult Validate(string? name, WatchOptions options)
    {
        List<string> errors = [];
        if (options.Deadline < s_shortestDeadline || options.Deadline > s_longestDeadline)
        {
            errors.Add($"--deadline: {options.Deadline.TotalMilliseconds} ms is not between 100 ms and 10 min");
        }

        if (!Path.IsPathFullyQualified(options.StateDirectory))
        {
            errors.Add($"--state: '{options.StateDirectory}' is not absolute");
        }

        foreach (EngineChoice engine in new[] { options.Engine, options.Fallback }.OfType<EngineChoice>())
        {
            if (engine is { Kind: EngineKind.Signatures, Location: { } directory } && !Directory.Exists(directory))
            {
                errors.Add($"engine: there is no directory '{directory}'");
            }
        }

        if (options.MaxFileSize is < 1 or > MostFileSize)
        {
            errors.Add($"--max-size: {options.MaxFileSize} is not between 1 and {MostFileSize} bytes");
        }

        if (options.KeptLeases is < 0 or > MostKeptLeases)
        {
            errors.Add($"--kept-leases: {options.KeptLeases} is not between 0 and {MostKeptLeases}");
        }

        if (options.CrashBudget < s_shortestBudget || options.CrashBudget > s_longestBudget)
        {
            errors.Add($"--crash-budget: {options.CrashBudget.TotalSeconds} s is not between 1 s and 10 min");
        }

        if (options.CrashDeaths is < 1 or > MostCrashDeaths)
        {
            errors.Add($"--crash-deaths: {options.CrashDeaths} is not between 1 and {MostCrashDeaths}");
        }

        if (options.LeaseTime < s_shortestLease || options.LeaseTime > s_longestLease)
        {
            errors.Add($"--lease-time: {options.LeaseTime.TotalMilliseconds} ms is not between 1 s and 10 min");
        }

        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }
}
