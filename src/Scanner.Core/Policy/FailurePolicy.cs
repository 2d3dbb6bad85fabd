using Scanner.Journal;
using Scanner.Linux.Fanotify;

namespace Scanner.Core.Policy;

/// <summary>The action for each failure reason. The supervisor reads it from the journal's header.</summary>
public static class FailurePolicy
{
    /// <summary>Writes what failure means to where both processes read it.</summary>
    public static void Write(ref JournalHeader header, WatchOptions options)
    {
        Access action = options.Profile == Profile.Strict && !options.Observe ? Access.Deny : Access.Allow;
        header.CrashAction = options.Observe ? Access.Allow : options.CrashAction ?? action;
        header.LongestAbsence = (long)options.CrashBudget.TotalNanoseconds;
        header.MostDeaths = options.CrashDeaths;
        foreach (FailureReason reason in Enum.GetValues<FailureReason>())
        {
            header.SetAction(reason, action);
        }
    }
}
