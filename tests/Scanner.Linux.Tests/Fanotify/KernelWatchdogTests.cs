using Scanner.Linux.Fanotify;
using Scanner.Testing;

namespace Scanner.Linux.Tests.Fanotify;

public sealed class KernelWatchdogTests
{
    [Theory(Timeout = 10_000)]
    [InlineData("0\n", true, "66")]
    [InlineData("20\n", false, "20")]
    [InlineData(null, false, null)]
    public Task GivenASetting_WhenTurnedOn_ThenOnlyOneThatIsOffIsChanged(string? before, bool isDone, string? after) =>
        Blocking.Run(() =>
        {
            string root = Directory.CreateTempSubdirectory().FullName;
            try
            {
                string setting = Path.Combine(root, "fs/fanotify/watchdog_timeout");
                if (before is not null)
                {
                    Directory.CreateDirectory(Path.GetDirectoryName(setting)!);
                    File.WriteAllText(setting, before);
                }

                Assert.Equal(isDone, KernelWatchdog.TryTurnOn(TimeSpan.FromSeconds(65.5), root));

                Assert.Equal(after, File.Exists(setting) ? File.ReadAllText(setting).Trim() : null);
            }
            finally
            {
                Directory.Delete(root, recursive: true);
            }
        });
}
