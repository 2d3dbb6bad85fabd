namespace Scanner.Linux.Processes;

/// <summary>The capabilities that the scanner uses, by their numbers (capabilities(7)).</summary>
public enum Capability
{
    /// <summary>CAP_DAC_READ_SEARCH: open_by_handle_at(2).</summary>
    DacReadSearch = 2,

    /// <summary>CAP_SYS_PTRACE: /proc/PID/exe and other details of processes of other users.</summary>
    SysPtrace = 19,

    /// <summary>CAP_SYS_ADMIN: fanotify_init(2) for permission events, mount namespaces.</summary>
    SysAdmin = 21,

    /// <summary>CAP_SYS_NICE: running before ordinary processes.</summary>
    SysNice = 23,

    /// <summary>CAP_SYS_RESOURCE: protection from the OOM killer.</summary>
    SysResource = 24,

    /// <summary>CAP_LEASE: leases on other users' files.</summary>
    Lease = 28,
}
