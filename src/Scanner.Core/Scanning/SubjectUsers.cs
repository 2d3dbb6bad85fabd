using System.Collections.Concurrent;
using Scanner.Linux.Processes;

namespace Scanner.Core.Scanning;

/// <summary>Tells whose process an opener is, for sharing the engine fairly. It decides nothing else.</summary>
/// <remarks>
/// The real user id, as /proc/PID/status shows it: the owner of /proc/PID becomes root when a process makes itself
/// undumpable. In a user namespace of somebody's it is whose namespace that is: the ids in it are all that user's.
/// Remembered for a second, because the next open is likely to be the same process's.
/// </remarks>
internal sealed class SubjectUsers(ProcessLooks looks, TimeProvider time)
{
    /// <summary>Whoever is already gone.</summary>
    public const uint Unknown = uint.MaxValue;

    private static readonly TimeSpan s_memory = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<int, uint> _users = new();
    private long _since;

    /// <summary>The user, if it was asked for lately. Looks nowhere else.</summary>
    public bool TryGetKnown(int processId, out uint user)
    {
        user = Unknown;
        return time.GetElapsedTime(Volatile.Read(ref _since)) <= s_memory && _users.TryGetValue(processId, out user);
    }

    /// <summary>The user, looked up if need be.</summary>
    public async ValueTask<uint> UserOfAsync(int processId)
    {
        if (TryGetKnown(processId, out uint known))
        {
            return known;
        }

        if (time.GetElapsedTime(Volatile.Read(ref _since)) > s_memory)
        {
            _users.Clear();
            Volatile.Write(ref _since, time.GetTimestamp());
        }

        uint? owner = await looks.TryAsync(() => UserNamespace.OwnerOf(processId));
        uint user = owner ?? ProcessImage.RealUser(processId) ?? Unknown;
        _users[processId] = user;
        return user;
    }
}
