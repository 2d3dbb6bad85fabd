using Microsoft.Extensions.Options;

namespace Scanner.Core.Policy;

/// <summary>Says everything that is wrong with the options, not only the first thing.</summary>
public sealed class WatchOptionsValidator : IValidateOptions<WatchOptions>
{
    private static readonly TimeSpan s_shortestDeadline = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_longestDeadline = TimeSpan.FromMinutes(10);

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

        if (options.SignatureDirectory is { } directory && !Directory.Exists(directory))
        {
            errors.Add($"--engine: there is no directory '{directory}'");
        }

        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }
}
