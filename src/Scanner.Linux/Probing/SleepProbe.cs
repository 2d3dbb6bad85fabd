using Scanner.Linux.Sleep;

namespace Scanner.Linux.Probing;

/// <summary>Whether the system can be kept from going to sleep for a moment. Tried, and taken back at once.</summary>
internal static class SleepProbe
{
    public static Finding Run() => Finding.Of(
        "sleep delay (systemd-logind)",
        TryDelay(),
        "The system goes to sleep also while opens wait for an answer; they get it when it is awake again.");

    private static Errno TryDelay()
    {
        try
        {
            using LoginManager manager = LoginManager.Connect();
            manager.Delay().Dispose();
            return Errno.None;
        }
        catch (ErrnoException error)
        {
            return error.Errno;
        }
    }
}
