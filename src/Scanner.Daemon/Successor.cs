using System.Text.Json;
using Scanner.Core.Policy;
using Scanner.Journal;
using Scanner.Linux;
using Scanner.Supervisor;

namespace Scanner.Daemon;

/// <summary>Prepares what both processes share when this program has replaced another in the supervisor's process.</summary>
internal static class Successor
{
    public static void Prepare(DescriptorPlan plan, Handover handover)
    {
        // Another version may have had other numbers, so all go out of the way before the first goes to its place.
        Descriptor table = Descriptor.TakeOver(handover.HostMountTable);
        Descriptor root = Descriptor.TakeOver(handover.HostRoot);
        Descriptor hostNamespace = Descriptor.TakeOver(handover.HostNamespace);
        List<(ulong Key, Descriptor Group)> groups =
            [.. handover.Groups.Select(group => (group.Key, Descriptor.TakeOver(group.Number)))];

        WatchOptions options = JsonSerializer.Deserialize(
            Environment.GetEnvironmentVariable(OptionsFormat.Variable)!, OptionsFormat.Default.WatchOptions)!;
        EventJournal journal = Launcher.CreateJournal(plan, options);
        journal.Header.IsAnnounced = true;
        journal.Header.WorkerGeneration = 1;
        for (int index = 0; index < groups.Count; index++)
        {
            journal.Group(index).Open(groups[index].Key);

            // For what is not known: the new worker may have other signatures.
            journal.Group(index).HasMarks = true;
            groups[index].Group.LeaveAt(plan.Group(index));
        }

        table.LeaveAt(plan.HostMountTable);
        root.LeaveAt(plan.HostRoot);
        hostNamespace.LeaveAt(plan.HostNamespace);
        journal.Descriptor.LeaveAt(plan.Journal);
    }
}
