using Scanner.Linux.Processes;

namespace Scanner.Linux.Probing;

/// <summary>Finds out what this system offers by trying it. Sets no mark and enters no namespace.</summary>
public static class SystemProbe
{
    /// <summary>Everything that was looked for, present or not, what matters most first.</summary>
    public static IReadOnlyList<Finding> Run()
    {
        CapabilitySet capabilities = CapabilitySet.Effective;
        return
        [
            KernelProbe.Run(File.ReadAllText("/proc/sys/kernel/osrelease").Trim()),
            .. CapabilityProbe.Run(capabilities),
            .. FanotifyProbe.Run(),
            .. ProcessProbe.Run(capabilities),
            .. FileProbe.Run(),
            .. SettingProbe.Run("/proc/sys"),
            SleepProbe.Run(),
        ];
    }
}
