using Scanner.Linux.Processes;

namespace Scanner.Core.Scanning;

/// <summary>Tells whose process an opener is, for sharing the engine fairly. It decides nothing else.</summary>
/// <remarks>
/// The real user id, as /proc/PID/status shows it: the owner of /proc/PID becomes root when a process makes itself
/// undumpable. Remembered for a second, because the next open is likely to be the same process's.
/// </remarks>
internal sealed class SubjectUsers(TimeProvider time)
{
    /// <summary>Whoever is already gone.</summary>
    public const uint Unknown = uint.MaxValue;

    private static readonly TimeSpan s_memory = TimeSpan.FromSeconds(1);

    private readonly Dictionary<int, uint> _users = [];
    private long _since;

    public uint UserOf(int processId)
    {
        if (time.GetElapsedTime(_since) > s_memory)
        {
            _users.Clear();
            _since = time.GetTimestamp();
        }

        if (!_users.TryGetValue(processId, out uint user))
        {
            user = ProcessImage.RealUser(processId) ?? Unknown;
            _users.Add(processId, user);
        }

        return user;
    }
}
