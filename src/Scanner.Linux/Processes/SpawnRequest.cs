namespace Scanner.Linux.Processes;

/// <summary>What <see cref="ChildProcess.Start"/> starts.</summary>
/// <param name="Program">The path of the executable.</param>
/// <param name="Arguments">The arguments, the program's own name first.</param>
/// <param name="Environment">Variables as <c>NAME=value</c>.</param>
/// <param name="Inherited">Descriptors the child gets under the numbers they have here.</param>
/// <param name="Reserved">Numbers that are taken in the child, by /dev/null, before it runs.</param>
public sealed record SpawnRequest(
    string Program,
    IReadOnlyList<string> Arguments,
    IReadOnlyList<string> Environment,
    IReadOnlyList<Descriptor> Inherited,
    IReadOnlyList<int> Reserved);
