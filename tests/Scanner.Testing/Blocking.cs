namespace Scanner.Testing;

/// <summary>Runs a test's body on a thread of its own.</summary>
/// <remarks>A time-out cannot end a body that waits in a system call, but it can stop waiting for its thread.</remarks>
public static class Blocking
{
    public static Task Run(Action body) =>
        Task.Factory.StartNew(body, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
}
