using System.CommandLine.Parsing;
using System.Globalization;
using Scanner.Core.Policy;
using Scanner.Linux.Fanotify;

namespace Scanner.Daemon.Commands;

/// <summary>Reads what stands behind an option; whether it makes sense is the validator's to say.</summary>
internal static class OptionValues
{
    public static EngineChoice? ParseEngine(ArgumentResult result)
    {
        string text = result.Tokens[0].Value;
        if (!EngineNames.TryParse(text, out EngineChoice? choice))
        {
            result.AddError($"'{text}' is no engine: {EngineNames.Forms}.");
        }

        return choice;
    }

    public static long? ParseSize(ArgumentResult result)
    {
        string text = result.Tokens[0].Value;
        (string number, int shift) = text switch
        {
            _ when text.EndsWith("k", StringComparison.OrdinalIgnoreCase) => (text[..^1], 10),
            _ when text.EndsWith("M", StringComparison.OrdinalIgnoreCase) => (text[..^1], 20),
            _ => (text, 0),
        };
        if (uint.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out uint amount))
        {
            return (long)amount << shift;
        }

        result.AddError($"--max-size: '{text}' is not a size, as 1000000, 20k or 50M.");
        return null;
    }

    public static TimeSpan ParseDuration(ArgumentResult result)
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

        string option = (result.Parent as OptionResult)?.Option.Name ?? result.Argument.Name;
        result.AddError($"{option}: '{text}' is not a time, as 5s or 500ms.");
        return default;
    }

    public static Access? ParseAccess(ArgumentResult result)
    {
        string text = result.Tokens[0].Value;
        Access? access = text switch
        {
            "allow" => Access.Allow,
            "deny" => Access.Deny,
            _ => null,
        };
        if (access is null)
        {
            result.AddError($"'{text}' is neither allow nor deny.");
        }

        return access;
    }
}
