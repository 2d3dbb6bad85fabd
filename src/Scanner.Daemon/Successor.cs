using Microsoft.Extensions.Options;
using Scanner.Core.Policy;
using Scanner.Journal;
using Scanner.Linux;
using Scanner.Supervisor;

namespace Scanner.Daemon;

/// <summary>
/// Prepares what both processes share when this program has replaced another in the supervisor's process.
/// </summary>
internal static class Successor
{
    /// <summary>Reads all that is left, and changes nothing.</summary>
    /// <returns>What the program that is replaced was asked to do.</returns>
    /// <exception cref="InvalidDataException">This program would do something else, or nothing.</exception>
    public static WatchOptions Read(DescriptorPlan plan, Handover handover, string? text)
    {
        WatchOptions options = OptionsFormat.Read(text);
        ValidateOptionsResult result = new WatchOptionsValidator().Validate(name: null, options);
        if (result.Failed || options.Roots.Count == 0)
        {
            throw new InvalidDataException(result.FailureMessage ?? "nothing to watch");
        }

        if (handover.Groups.Count > EventJournal.MaxGroups || plan.SlotCount == 0)
        {
            throw new InvalidDataException($"{handover.Groups.Count} groups are too many");
        }

        return options;
    }

    public static void Prepare(DescriptorPlan plan, Handover handover)
    {
        WatchOptions options = Read(plan, handover, OptionsFormat.Given);

        // Another version may have had other numbers, so all go out of the way before the first goes to its place.
        Descriptor table = Descriptor.TakeOver(handover.HostMountTable);
        Descriptor root = Descriptor.TakeOver(handover.HostRoot);
        Descriptor hostNamespace = Descriptor.TakeOver(handover.HostNamespace);
        List<(ulong Key, Descriptor Group)> groups =
            [.. handover.Groups.Select(group => (group.Key, Descriptor.TakeOver(group.Number)))];

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
