using System.Security.Cryptography;
using Microsoft.Extensions.Hosting;
using Scanner.Core;
using Scanner.Core.Listening;
using Scanner.Core.Policy;
using Scanner.Engines.Signatures;
using Scanner.Journal;
using Scanner.Linux;
using Scanner.Linux.Processes;

namespace Scanner.Daemon.Worker;

/// <summary>The process that decides. It may die at any time; the supervisor starts another.</summary>
internal static class WorkerProcess
{
    /// <returns>The exit code; the supervisor gives it on if the first worker cannot start.</returns>
    public static int Run(DescriptorPlan plan)
    {
        EventJournal journal = EventJournal.Open(Descriptor.Inherited(plan.Journal));
        OwnProcess.DieWithParent();
        if (OwnProcess.ParentId != journal.Header.SupervisorId)
        {
            // It died before the line above; nobody would end this process.
            return ExitCode.Internal;
        }

        using Pulse pulse = new(journal);
        WatchOptions options = OptionsFormat.Read(OptionsFormat.Given);
        try
        {
            using IHost host = Composition.Build(options, journal, plan);
            host.Run();
            return ExitCode.Success;
        }
        catch (WatchException error)
        {
            Console.Error.WriteLine("scannerd: cannot watch " + string.Join("\n  and ", error.Failures));
            return ExitCode.CannotWatch;
        }
        catch (ErrnoException error)
        {
            Console.Error.WriteLine($"scannerd: {error.Message}");
            return ExitCode.CannotWatch;
        }
        catch (Exception error) when (error is SignatureListException or CryptographicException)
        {
            Console.Error.WriteLine($"scannerd: {error.Message}");
            return ExitCode.EngineFailed;
        }
    }
}
