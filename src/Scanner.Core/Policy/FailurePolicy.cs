using Scanner.Journal;
using Scanner.Linux.Fanotify;

namespace Scanner.Core.Policy;

/// <summary>The action for each failure reason. The supervisor reads it from the journal's header.</summary>
public static class FailurePolicy
{
    /// <summary>Writes a profile's actions to where both processes read them.</summary>
    /// <param name="header">The journal's header.</param>
    /// <param name="profile">Allow or deny by default.</param>
    /// <param name="isObserving">Whether nothing is denied, whatever the profile says.</param>
    public static void Write(ref JournalHeader header, Profile profile, bool isObserving)
    {
        Access action = profile == Profile.Strict && !isObserving ? Access.Deny : Access.Allow;
        foreach (FailureReason reason in Enum.GetValues<FailureReason>())
        {
            header.SetAction(reason, action);
        }
    }
}
