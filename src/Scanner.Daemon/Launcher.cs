using System.Collections;
using System.Text.Json;
using Microsoft.Extensions.Options;
using Scanner.Core.Policy;
using Scanner.Journal;
using Scanner.Linux;
using Scanner.Linux.Fanotify;
using Scanner.Linux.Mounts;
using Scanner.Linux.Processes;
using Scanner.Supervisor;

namespace Scanner.Daemon;

/// <summary>Checks what was asked for, prepares what both processes share, and becomes the supervisor.</summary>
/// <remarks>
/// It runs in the host's mount namespace, the only one of the three roles to do so: what belongs to the host is
/// opened here and handed on. No mark is set before the process has left that namespace.
/// </remarks>
internal static class Launcher
{
    /// <summary>Starts watching; returns only when that failed.</summary>
    /// <returns>The exit code.</returns>
    public static int Run(IReadOnlyList<string> directories, WatchOptions options)
    {
        try
        {
            Check(options);
            RequirePrivileges();
            if (directories.Count == 0)
            {
                DemonstrationDirectory.Create();
                directories = [DemonstrationDirectory.Path];
                PrintDemonstration(options);
            }

            Become(options with { Roots = WatchRoots.Resolve(directories, options.WholeRoot) });
        }
        catch (Exception error) when (error is LaunchException or IOException or UnauthorizedAccessException)
        {
            DemonstrationDirectory.RemoveOwn();
            Console.Error.WriteLine($"scannerd: {error.Message}");
            return (error as LaunchException)?.ExitCode ?? ExitCode.CannotWatch;
        }

        return ExitCode.Internal;
    }

    /// <summary>Makes a journal with what the supervisor needs of the options.</summary>
    public static EventJournal CreateJournal(DescriptorPlan plan, WatchOptions options)
    {
        EventJournal journal = EventJournal.Create(plan.SlotCount);
        FailurePolicy.Write(ref journal.Header, options);
        LeasePolicy.Write(ref journal.Header, options);
        journal.Header.StopLimit = (long)new DeadlineRule(options.Deadline).StopLimit.TotalNanoseconds;
        journal.Header.IsRecoveryDisabled = options.Faults.Contains("journal");
        return journal;
    }

    private static void Check(WatchOptions options)
    {
        ValidateOptionsResult result = new WatchOptionsValidator().Validate(name: null, options);
        if (result.Failed)
        {
            throw new LaunchException(ExitCode.Usage, string.Join("\n  and ", result.Failures));
        }
    }

    private static void RequirePrivileges()
    {
        if (!CapabilitySet.Effective.Has(Capability.SysAdmin))
        {
            throw new LaunchException(
                ExitCode.NotSupported, "permission events need root (CAP_SYS_ADMIN); try sudo, or see scannerd probe");
        }
    }

    private static void PrintDemonstration(WatchOptions options)
    {
        if (!options.Json)
        {
            Console.WriteLine($"""
                Nothing to watch was named, so here are two files to try, once this says ready:
                  cat {DemonstrationDirectory.CleanFile}
                  cat {DemonstrationDirectory.InfectedFile}
                """);
        }
    }

    private static void Become(WatchOptions options)
    {
        DescriptorPlan plan = LimitDescriptors();

        // What it would log then is that even the supervisor does not answer. Before the first group, or it is not seen.
        _ = KernelWatchdog.TryTurnOn(new DeadlineRule(options.Deadline).StopLimit);
        EventJournal journal = CreateJournal(plan, options);
        HandOn(journal.Descriptor, plan.Journal);
        HandOn(MountTable.OpenOwn().Descriptor, plan.HostMountTable);
        HandOn(Descriptor.OpenPath("/"), plan.HostRoot);
        HandOn(MountNamespace.OpenOwn().Descriptor, plan.HostNamespace);

        Environment.CurrentDirectory = "/";
        (string program, List<string> arguments) = ProgramImage.Command("supervisor", plan.ToString());
        List<string> environment = ReadEnvironment(options);
        RemoveDiagnosticsFiles();
        MountNamespace.EnterPrivate();
        OwnProcess.Replace(program, arguments, environment);
    }

    /// <summary>Lays out the numbers below the limit, without asking for more than the administrator allows.</summary>
    private static DescriptorPlan LimitDescriptors()
    {
        (_, long hard) = OwnProcess.DescriptorLimit;
        if (hard < DescriptorPlan.MinimumLimit)
        {
            throw new LaunchException(
                ExitCode.NotSupported,
                $"at least {DescriptorPlan.MinimumLimit} open files are needed, and RLIMIT_NOFILE is {hard}");
        }

        DescriptorPlan plan = DescriptorPlan.For(hard);
        OwnProcess.DescriptorLimit = (plan.Limit, hard);
        return plan;
    }

    private static void HandOn(Descriptor descriptor, int number)
    {
        descriptor.MoveTo(number);
        descriptor.KeepOnExec();
    }

    /// <summary>This process's own diagnostics have some too, and execve(2) gives it no time to clean up.</summary>
    private static void RemoveDiagnosticsFiles()
    {
        int id = Environment.ProcessId;
        foreach (string pattern in (string[])[$"dotnet-diagnostic-{id}-*-socket", $"clr-debug-pipe-{id}-*"])
        {
            foreach (string file in Directory.EnumerateFiles(Path.GetTempPath(), pattern))
            {
                File.Delete(file);
            }
        }
    }

    private static List<string> ReadEnvironment(WatchOptions options)
    {
        Dictionary<string, string?> variables = [];
        foreach (DictionaryEntry variable in Environment.GetEnvironmentVariables())
        {
            variables[(string)variable.Key] = (string?)variable.Value;
        }

        // The runtime's diagnostics would leave a socket behind when the process is killed.
        variables["DOTNET_EnableDiagnostics"] = "0";
        variables[OptionsFormat.Variable] = JsonSerializer.Serialize(options, OptionsFormat.Default.WatchOptions);
        return [.. variables.Select(variable => $"{variable.Key}={variable.Value}")];
    }
}
