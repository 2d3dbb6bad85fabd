namespace Scanner.Core.Scanning;

/// <summary>Who may start a scan, so that no user and no server can have the whole engine.</summary>
/// <remarks>
/// A user gets at most three quarters of what the engine takes, so another user never waits for the first one's long
/// scans to end. Files that servers deliver, which may never come, get a quarter together, and never the last place;
/// they count against their users' three quarters too.
/// Scans that nobody waits for may all be of one user's files, so they count against everybody's three quarters, and
/// leave everybody a place of them: an engine that takes two has none for such scans.
/// An engine that takes one scan at a time serves whoever is first.
/// </remarks>
internal sealed class Capacity(IScanEngine engine)
{
    private readonly Dictionary<uint, int> _ofUser = [];
    private int _running;
    private int _remote;

    /// <summary>How many scans of one user's may run at a time.</summary>
    public int OfOneUser
    {
        get
        {
            int limit = Math.Max(1, engine.Concurrency);
            return limit == 1 ? 1 : limit - Reserve(limit);
        }
    }

    public bool MayStart(UserShare share)
    {
        int limit = Math.Max(1, engine.Concurrency);
        if (limit == 1)
        {
            return _running == 0;
        }

        int reserve = Reserve(limit);
        if (share.IsNobodys)
        {
            return _running < limit - reserve - 1;
        }

        int ofUser = _ofUser.GetValueOrDefault(share.User) + _ofUser.GetValueOrDefault(UserShare.Nobody);
        return ofUser < limit - reserve
            && (share.IsRemote ? _running < limit - 1 && _remote < reserve : _running < limit);
    }

    public void Start(UserShare share) => Count(share, 1);

    public void End(UserShare share) => Count(share, -1);

    private static int Reserve(int limit) => Math.Max(1, limit / 4);

    private void Count(UserShare share, int change)
    {
        _running += change;
        _remote += share.IsRemote ? change : 0;
        share.Running += change;
        int ofUser = _ofUser.GetValueOrDefault(share.User) + change;
        if (ofUser == 0)
        {
            _ofUser.Remove(share.User);
        }
        else
        {
            _ofUser[share.User] = ofUser;
        }
    }
}
