namespace Scanner.Benchmarks.Passes;

/// <summary>A program that attaches to a process and counts its system calls until it is interrupted.</summary>
internal interface ICallTracer
{
    /// <summary>The program's name, which is also what must be installed.</summary>
    string Program { get; }

    IReadOnlyList<string> Command(int processId, string outputFile);

    /// <summary>Whether every thread of the process is counted by now.</summary>
    bool IsAttached(int processId);

    /// <summary>Calls by name.</summary>
    IReadOnlyDictionary<string, long> Parse(string output);
}
