namespace Scanner.SystemTests.Faults;

/// <summary>What is done to a running daemon, its engine and its machine.</summary>
internal enum FaultKind
{
    /// <summary>SIGKILL to the worker.</summary>
    KillWorker,

    /// <summary>SIGKILL to the worker, and to the next one while it recovers.</summary>
    KillTwice,

    /// <summary>SIGABRT to the worker.</summary>
    AbortWorker,

    /// <summary>SIGSTOP to the worker, which the supervisor then has to kill.</summary>
    StopWorker,

    /// <summary>SIGSTOP to the worker, and SIGCONT before the supervisor loses its patience.</summary>
    PauseWorker,

    /// <summary>SIGKILL to the engine, and another one a moment later.</summary>
    KillEngine,

    /// <summary>SIGSTOP to the engine, and SIGCONT a moment later.</summary>
    StopEngine,

    /// <summary>The engine loads another database.</summary>
    ReloadEngine,

    /// <summary>A planned restart of worker and supervisor.</summary>
    HandOver,

    /// <summary>Memory is wanted, and the kernel forgets all files that nobody uses.</summary>
    Pressure,

    /// <summary>Another watched file system goes and comes back.</summary>
    Remount,
}
