using Scanner.SystemTests.Fixtures;

namespace Scanner.SystemTests.Faults;

/// <summary>How many descriptors a daemon's processes have open, and how many are of watched files.</summary>
/// <remarks>Without the runtime's own of assemblies: a supervisor that has replaced another needs more of them.</remarks>
internal sealed record Descriptors(int Supervisor, int Worker, int Watched, string Text)
{
    /// <summary>What a supervisor may open for itself in passing.</summary>
    private const int SupervisorSlack = 4;

    /// <summary>Sessions with the engine and their waiting threads may come.</summary>
    private const int WorkerSlack = 32;

    public static Descriptors Of(int supervisor, int worker, string watched)
    {
        IReadOnlyList<string> ofSupervisor = FilesOf(supervisor);
        IReadOnlyList<string> ofWorker = FilesOf(worker);
        return new Descriptors(
            ofSupervisor.Count,
            ofWorker.Count,
            ofSupervisor.Concat(ofWorker).Count(file => file.StartsWith(watched + "/", StringComparison.Ordinal)),
            $"{Describe("supervisor", ofSupervisor)}\n{Describe("worker", ofWorker)}");
    }

    /// <summary>Whether nothing has leaked since an earlier count.</summary>
    public bool IsNoMoreThan(Descriptors before) =>
        Watched == 0 && Supervisor <= before.Supervisor + SupervisorSlack && Worker <= before.Worker + WorkerSlack;

    public override string ToString() => $"supervisor {Supervisor}, worker {Worker}, of watched files {Watched}";

    private static IReadOnlyList<string> FilesOf(int process) =>
        [.. ProcessTable.OpenFilesOf(process).Where(file => !file.EndsWith(".dll", StringComparison.Ordinal))];

    private static string Describe(string process, IReadOnlyList<string> files) => string.Join(
        '\n',
        files.GroupBy(file => file)
            .OrderByDescending(group => group.Count())
            .Select(group => $"{process} {group.Count(),5} {group.Key}"));
}
