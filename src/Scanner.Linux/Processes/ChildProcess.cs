using System.Globalization;
using System.Runtime.InteropServices;

namespace Scanner.Linux.Processes;

/// <summary>A child of this process, held by a pidfd, so that no signal ever goes to a reused process id.</summary>
public sealed partial class ChildProcess : IDisposable
{
    private ExitStatus? _ended;

    private ChildProcess(int id, Descriptor descriptor)
    {
        Id = id;
        Descriptor = descriptor;
    }

    public int Id { get; }

    /// <summary>Readable when the child has ended.</summary>
    public Descriptor Descriptor { get; }

    /// <summary>
    /// Starts a program (posix_spawn(3)) in a process group of its own, with default signal handling.
    /// </summary>
    /// <remarks>
    /// The file actions run in the child before execve(2), so what they put in place is there before the program's
    /// first instruction: a runtime that opens files of its own finds the numbers taken.
    /// </remarks>
    /// <exception cref="ErrnoException">The program cannot be started.</exception>
    public static ChildProcess Start(SpawnRequest request)
    {
        int id;
        using (SpawnActions actions = new(request))
        {
            Errno error = actions.Spawn(out id);
            if (error != Errno.None)
            {
                throw ErrnoException.From(error, "posix_spawn", request.Program);
            }
        }

        // Unreaped, so the id is still the child's even if it has already ended.
        int number = (int)Native.syscall(Native.SYS_pidfd_open, id, 0, 0, 0);
        if (number >= 0)
        {
            return new ChildProcess(id, new Descriptor(number));
        }

        // A child that nobody holds would never be ended.
        ErrnoException failure = ErrnoException.Last("pidfd_open", $"process {id}");
        _ = Native.kill(id, (int)ProcessSignal.Kill);
        _ = Native.waitpid(id, out _, 0);
        throw failure;
    }

    /// <summary>Sends a signal; a child that has ended gets none.</summary>
    public void Signal(ProcessSignal signal) =>
        _ = Native.syscall(Native.SYS_pidfd_send_signal, Descriptor.Number, (int)signal, 0, 0);

    /// <summary>As <see cref="OwnProcess.TrySetOutOfMemoryAdjustment(int)"/>, for a child that was not reaped.</summary>
    public bool TrySetOutOfMemoryAdjustment(int adjustment) =>
        OwnProcess.TrySetOutOfMemoryAdjustment(Id.ToString(CultureInfo.InvariantCulture), adjustment);

    /// <summary>Reaps the child if it has ended.</summary>
    /// <returns>How it ended, also when asked again, or <c>null</c> while it lives.</returns>
    public ExitStatus? TryReap()
    {
        // Once reaped, the id may be another child's.
        if (_ended is null && Native.waitpid(Id, out int status, Native.WNOHANG) == Id)
        {
            _ended = new ExitStatus(status);
        }

        return _ended;
    }

    /// <summary>Reaps the child, waiting for its end.</summary>
    public void WaitForEnd()
    {
        if (_ended is null && Native.waitpid(Id, out int status, 0) == Id)
        {
            _ended = new ExitStatus(status);
        }
    }

    public void Dispose() => Descriptor.Dispose();

    private static partial class Native
    {
        internal const long SYS_pidfd_send_signal = 424;
        internal const long SYS_pidfd_open = 434;
        internal const int WNOHANG = 1;

        // Through syscall(2), because glibc has wrappers only from 2.36 on.
        [LibraryImport("libc", SetLastError = true)]
        internal static partial long syscall(long number, long first, long second, long third, long fourth);

        [LibraryImport("libc", SetLastError = true)]
        internal static partial int kill(int id, int signal);

        [LibraryImport("libc", SetLastError = true)]
        internal static partial int waitpid(int id, out int status, int options);
    }
}
