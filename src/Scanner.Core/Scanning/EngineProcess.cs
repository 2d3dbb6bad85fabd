using Scanner.Linux;
using Scanner.Linux.Processes;

namespace Scanner.Core.Scanning;

/// <summary>A process that scans for us, whose own opens must not wait for its own scans.</summary>
/// <param name="Process">The process, as it was recognised.</param>
/// <param name="Directories">
/// Where its own opens are let through: its temporary and its database directory, absolute, without symbolic links.
/// </param>
public sealed record EngineProcess(ProcessReference Process, IReadOnlyList<BytePath> Directories);
