using Scanner.Linux.Processes;

namespace Scanner.Linux.Probing;

/// <summary>The effective capabilities (capabilities(7)).</summary>
internal static class CapabilityProbe
{
    public static IEnumerable<Finding> Run(CapabilitySet capabilities)
    {
        return
        [
            Of(Capability.SysAdmin, "CAP_SYS_ADMIN",
                "Permission events and mount namespaces need it: nothing can be watched.", true),
            Of(Capability.Lease, "CAP_LEASE",
                "No lease on other users' files: it cannot be proved that a file has no writer, so no result "
                    + "about it may be kept."),
            Of(Capability.DacReadSearch, "CAP_DAC_READ_SEARCH",
                "Files cannot be opened by handle: opens that wait while the program restarts are answered "
                    + "without looking at the file."),
            Of(Capability.SysPtrace, "CAP_SYS_PTRACE",
                "The program and the mount table of other users' processes stay unknown: rules about them do "
                    + "not match, and their paths are not trusted."),
            Of(Capability.SysNice, "CAP_SYS_NICE",
                "Answers are not scheduled before other work: opens wait longer on a busy machine."),
            Of(Capability.SysResource, "CAP_SYS_RESOURCE",
                "No protection from the OOM killer, and the limit of open descriptors cannot be raised."),
        ];

        Finding Of(Capability capability, string name, string consequence, bool isNeeded = false) =>
            Finding.Of(name, capabilities.Has(capability), consequence, isNeeded);
    }
}
