using System.Collections;
using Scanner.Journal;
using Scanner.Linux;
using Scanner.Linux.Processes;
using Scanner.Linux.Sockets;

namespace Scanner.Supervisor;

/// <summary>Starts workers: the same program, with everything shared under its planned number.</summary>
/// <param name="journal">What both processes share.</param>
/// <param name="groups">The groups that a worker gets.</param>
/// <param name="leases">Whose socket's end a worker gets.</param>
/// <param name="plan">The numbers of what is shared.</param>
/// <param name="isProtected">Whether the OOM killer leaves this process alone.</param>
internal sealed class WorkerLauncher(
    EventJournal journal, GroupKeeper groups, LeaseKeeper leases, DescriptorPlan plan, bool isProtected)
{
    /// <summary>
    /// A fifth of the memory there is, so that where this process is not protected, a worker goes before it also while
    /// it is the smaller one.
    /// </summary>
    private const int RatherKill = 200;

    private readonly (string Program, List<string> Arguments) _command = ProgramImage.Command("worker", plan.ToString());

    private readonly List<string> _environment = ReadEnvironment();

    private readonly Descriptor[] _shared =
    [
        journal.Descriptor,
        Descriptor.Inherited(plan.HostMountTable),
        Descriptor.Inherited(plan.HostRoot),
    ];

    private Handover Left => new(plan.HostMountTable, plan.HostRoot, plan.HostNamespace, groups.Numbers);

    /// <summary>Starts a worker.</summary>
    /// <param name="reserved">The numbers of unanswered events, which the new worker's runtime must not get.</param>
    /// <exception cref="ErrnoException">The program cannot be started.</exception>
    public Worker Start(IReadOnlyList<int> reserved)
    {
        ref JournalHeader header = ref journal.Header;
        header.SupervisorId = Environment.ProcessId;
        header.WorkerGeneration++;
        header.IsReady = false;
        header.Pulse = 0;

        (ControlSocket own, ControlSocket others) = ControlSocket.CreatePair();
        using (others)
        {
            try
            {
                others.MoveTo(plan.Control);
                ChildProcess process = ChildProcess.Start(new SpawnRequest(
                    _command.Program,
                    _command.Arguments,
                    _environment,
                    [.. _shared, leases.WorkersEnd, others, .. groups.Open],
                    reserved));

                // Before it has memory worth mentioning: it begins with this process's own adjustment.
                _ = process.TrySetOutOfMemoryAdjustment(isProtected ? 0 : RatherKill);
                return new Worker(process, own, journal);
            }
            catch
            {
                own.Dispose();
                throw;
            }
        }
    }

    /// <summary>Starts the program as it is installed now, to see whether it can read what would be left to it.</summary>
    /// <returns>A process that ends with exit code 0 if it can.</returns>
    /// <exception cref="ErrnoException">There is no such program.</exception>
    public ChildProcess StartTrial()
    {
        (string program, List<string> arguments) =
            ProgramImage.Command("supervisor", plan.ToString(), Handover.TrialArgument);
        return ChildProcess.Start(new SpawnRequest(program, arguments, [.. _environment, Left.ToVariable()], [], []));
    }

    /// <summary>Replaces this process by the program as it is installed now. Returns only by throwing.</summary>
    /// <exception cref="ErrnoException">There is no such program: this process goes on.</exception>
    public void ReplaceSupervisor()
    {
        (string program, List<string> arguments) = ProgramImage.Command("supervisor", plan.ToString());

        // The groups survive execve(2), and so do their marks, but no lease.
        leases.Suspend();
        try
        {
            KeepOnExec(isKept: true);

            // Until the new program handles it, a second request would end it.
            OwnProcess.Block(ProcessSignal.User2);
            OwnProcess.Replace(program, arguments, [.. _environment, Left.ToVariable()]);
        }
        finally
        {
            OwnProcess.Unblock(ProcessSignal.User2);
            KeepOnExec(isKept: false);
            leases.Resume();
        }
    }

    /// <remarks>While they are kept every child would get them, so no worker is started meanwhile.</remarks>
    private void KeepOnExec(bool isKept)
    {
        foreach (Descriptor descriptor in _shared.Concat(groups.Open))
        {
            descriptor.KeepOnExec(isKept);
        }

        // Nobody holds it here; it is for whoever is the last.
        Descriptor.KeepOnExec(plan.HostNamespace, isKept);
    }

    private static List<string> ReadEnvironment()
    {
        List<string> variables = [];
        foreach (DictionaryEntry variable in Environment.GetEnvironmentVariables())
        {
            variables.Add($"{variable.Key}={variable.Value}");
        }

        return variables;
    }
}
