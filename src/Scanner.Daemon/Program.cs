using System.Runtime.CompilerServices;
using System.Text.Json;
using Scanner.Daemon.Commands;
using Scanner.Daemon.Worker;
using Scanner.Journal;
using Scanner.Supervisor;

namespace Scanner.Daemon;

/// <summary>One executable, three roles: the command line, and the two processes that it turns into.</summary>
/// <remarks>
/// The roles are told apart before anything else is loaded: the supervisor must stay small, and a worker that
/// replaces a dead one must be quick. Hence a method, and so a set of assemblies, for each.
/// </remarks>
internal static class Program
{
    private static int Main(string[] arguments) => arguments switch
    {
        ["supervisor", string plan] => Supervise(DescriptorPlan.Parse(plan)),
        ["supervisor", string plan, Handover.TrialArgument] => Try(plan),
        ["worker", string plan] => Work(DescriptorPlan.Parse(plan)),
        _ => Command(arguments),
    };

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int Supervise(DescriptorPlan plan)
    {
        try
        {
            if (Handover.Take() is { } handover)
            {
                Resume(plan, handover);
            }

            return SupervisorProcess.Run(plan);
        }
        finally
        {
            DemonstrationDirectory.Remove(plan);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Resume(DescriptorPlan plan, Handover handover) => Successor.Prepare(plan, handover);

    /// <summary>Says by its exit code whether this program could take another one's place; changes nothing.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int Try(string plan)
    {
        try
        {
            Handover handover = Handover.Take() ?? throw new InvalidDataException("nothing is left to this program");
            _ = Successor.Read(DescriptorPlan.Parse(plan), handover, OptionsFormat.Given);
            return ExitCode.Success;
        }
        catch (Exception error) when (
            error is InvalidDataException or FormatException or OverflowException or JsonException)
        {
            Console.Error.WriteLine($"scannerd: cannot take over: {error.Message}");
            return ExitCode.CannotWatch;
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int Work(DescriptorPlan plan) => WorkerProcess.Run(plan);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int Command(string[] arguments) => CommandLine.Run(arguments);
}
