using System.Diagnostics;

namespace Scanner.Testing;

/// <summary>Runs a program that prepares something, and wants it to succeed.</summary>
public static class Tool
{
    /// <returns>What the program printed.</returns>
    /// <exception cref="InvalidOperationException">It failed; the message holds all it said.</exception>
    public static string Run(string program, params IReadOnlyList<string> arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0
            ? output
            : throw new InvalidOperationException(
                $"{program} {string.Join(' ', arguments)}: exit code {process.ExitCode}\n"
                + $"{output}{errors.GetAwaiter().GetResult()}");
    }
}
