using System.Runtime.InteropServices;
using Scanner.Linux.Files;

namespace Scanner.Journal;

/// <summary>
/// What the worker says of a leased file that it passes to the supervisor: while the lease is kept, its group need not
/// ask about it. There is no answer.
/// </summary>
/// <param name="Group">The group that the file's event came from.</param>
/// <param name="Generation">Which incarnation of the group's index.</param>
/// <param name="TakenAt">Nanoseconds of the monotonic clock, not later than the lease was taken.</param>
/// <param name="Status">The file as the worker saw it under the lease, and found it clean.</param>
[StructLayout(LayoutKind.Sequential)]
public readonly record struct LeaseOffer(int Group, int Generation, long TakenAt, FileStatus Status);
