using Scanner.SystemTests.Fixtures;

namespace Scanner.SystemTests.Faults;

/// <summary>How many descriptors a daemon's processes have open, and how many of them are of watched files.</summary>
internal readonly record struct Descriptors(int Supervisor, int Worker, int Watched)
{
    public static Descriptors Of(int supervisor, int worker, string watched)
    {
        IReadOnlyList<string> ofSupervisor = ProcessTable.OpenFilesOf(supervisor);
        IReadOnlyList<string> ofWorker = ProcessTable.OpenFilesOf(worker);
        return new Descriptors(
            ofSupervisor.Count,
            ofWorker.Count,
            ofSupervisor.Concat(ofWorker).Count(file => file.StartsWith(watched + "/", StringComparison.Ordinal)));
    }
}
