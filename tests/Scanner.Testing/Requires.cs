using Scanner.Linux.Processes;
using Xunit;

namespace Scanner.Testing;

/// <summary>What a test needs of the machine. Without it the test is skipped, and in CI it fails.</summary>
public static class Requires
{
    /// <summary>Root with CAP_SYS_ADMIN: mounts, namespaces, permission events.</summary>
    public static void Root()
    {
        if (!Environment.IsPrivilegedProcess || !CapabilitySet.Effective.Has(Capability.SysAdmin))
        {
            Lacking("needs root with CAP_SYS_ADMIN");
        }
    }

    /// <summary>
    /// Skips the calling test, or fails it in CI, where a kernel test that did not run must not look green.
    /// </summary>
    public static void Lacking(string reason)
    {
        if (Environment.GetEnvironmentVariable("CI") == "true")
        {
            Assert.Fail(reason);
        }

        Assert.Skip(reason);
    }
}
