using Scanner.Linux.Processes;
using Scanner.Linux.Sockets;

namespace Scanner.Supervisor;

/// <summary>A running worker: the process, and this side's end of its control socket.</summary>
internal sealed record Worker(ChildProcess Process, ControlSocket Control) : IDisposable
{
    public void Dispose()
    {
        Process.Dispose();
        Control.Dispose();
    }
}
