using System.Security.Cryptography;
using System.Text;
using Scanner.Core.Scanning;
using Scanner.Linux;
using Scanner.Linux.Files;
using Scanner.Linux.Processes;

namespace Scanner.Engines.Clamd;

/// <summary>Finds the process behind a socket, and its configuration.</summary>
/// <remarks>
/// Known by the sender of its replies, not by who listens: a service manager may have made the socket. That a process
/// id was not reused between the reply and taking hold of it is proven by another reply: while we hold the process, its
/// id is its own, and the same id answers. Its program has to be called clamd, because its opens are let through below
/// its directories and one of them is /tmp: a proxy between us and clamd must not have that.
/// </remarks>
internal static class ClamdProcess
{
    private const string ProgramName = "clamd";

    private static readonly string[] s_usualConfigurations =
        ["/etc/clamav/clamd.conf", "/etc/clamd.d/scan.conf", "/etc/clamd.conf", "/usr/local/etc/clamd.conf"];

    private static readonly string[] s_usualDatabases = ["/var/lib/clamav", "/usr/local/share/clamav"];

    /// <summary>Takes hold of the process that answers on a channel.</summary>
    /// <returns>
    /// The process, owned by the caller; <c>null</c> if it cannot be told or seen from here, or is not clamd.
    /// </returns>
    public static ProcessReference? TryFind(ClamdChannel channel)
    {
        int id = channel.SenderProcessId;

        // 0: another pid namespace. 1: whoever started everything; never an engine.
        if (id <= 1 || ProcessFacts.TryReadStartTime(id) is not { } startTime || !IsClamd(id))
        {
            return null;
        }

        ProcessReference? process = ProcessReference.TryOpen(id);
        if (process is null)
        {
            return null;
        }

        bool isSame = channel.TryPing()
            && channel.SenderProcessId == id
            && ProcessFacts.TryReadStartTime(id) == startTime
            && IsClamd(id)
            && process.IsAlive;
        if (isSame)
        {
            return process;
        }

        process.Dispose();
        return null;
    }

    /// <returns><c>null</c> if the configuration cannot be found or read.</returns>
    public static ClamdSettings? TryReadSettings(int processId)
    {
        if (!ProcessFacts.SharesRoot(processId))
        {
            return null;
        }

        string? path = FindConfigurationArgument(ProcessFacts.ReadArguments(processId)) is { } given
            ? Path.Combine(ProcessFacts.TryReadWorkingDirectory(processId) ?? "/", given)
            : s_usualConfigurations.FirstOrDefault(File.Exists);
        try
        {
            return path is null ? null : ReadSettings(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>The directories that clamd may have its database in, whether they exist or not.</summary>
    public static string[] DatabasesOf(ClamdSettings settings) =>
        settings.DatabaseDirectory is { } database ? [database] : s_usualDatabases;

    /// <summary>What the gate needs to know.</summary>
    public static EngineProcess Describe(ProcessReference process, ClamdSettings settings)
    {
        string temporary = settings.TemporaryDirectory ?? TemporaryOf(process.Id);
        List<BytePath> directories = [];
        foreach (string directory in (string[])[temporary, .. DatabasesOf(settings)])
        {
            if (TryResolve(directory) is { } resolved && !directories.Contains(resolved))
            {
                directories.Add(resolved);
            }
        }

        return new EngineProcess(process, directories);
    }

    private static ClamdSettings ReadSettings(string path)
    {
        const int digits = 16;
        string text = File.ReadAllText(path);
        return ClamdSettings.Parse(text.Split('\n', StringSplitOptions.TrimEntries)) with
        {
            Digest = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..digits],

            // After reading: what changes in between counts as changed.
            ChangedAt = FileStamp.TryRead(path)?.ChangedAt ?? long.MaxValue,
        };
    }

    private static string TemporaryOf(int processId) =>
        ((string[])["TMPDIR", "TMP", "TEMP"])
            .Select(name => ProcessFacts.TryReadVariable(processId, name))
            .FirstOrDefault(value => !string.IsNullOrEmpty(value)) ?? "/tmp";

    private static bool IsClamd(int processId)
    {
        // A program that was replaced by an update still runs, and its link says so.
        string? program = ProcessFacts.TryReadExecutable(processId)?.Replace(
            " (deleted)", "", StringComparison.Ordinal);
        return Path.GetFileName(program) == ProgramName;
    }

    /// <summary>The value of <c>-c</c> or <c>--config-file</c>; the last one counts.</summary>
    private static string? FindConfigurationArgument(IReadOnlyList<string> arguments)
    {
        const string longName = "--config-file";
        string? found = null;
        for (int i = 1; i < arguments.Count; i++)
        {
            string argument = arguments[i];
            if (argument is "-c" or longName)
            {
                found = i + 1 < arguments.Count ? arguments[++i] : found;
            }
            else if (argument.StartsWith(longName + '=', StringComparison.Ordinal))
            {
                found = argument[(longName.Length + 1)..];
            }
            else if (argument.StartsWith("-c", StringComparison.Ordinal))
            {
                found = argument[2..];
            }
        }

        return found;
    }

    /// <summary>The directory's path without symbolic links, as the kernel shows it for what is opened below.</summary>
    private static BytePath? TryResolve(string directory)
    {
        try
        {
            using Descriptor place = Descriptor.OpenPath(directory);
            Span<byte> path = stackalloc byte[4096];
            return FileStatus.Of(place).Kind == FileKind.Directory
                && place.Content.TryGetPath(path, out int length) == Errno.None
                ? new BytePath(path[..length])
                : null;
        }
        catch (ErrnoException)
        {
            return null;
        }
    }
}
