using System.Globalization;

namespace Scanner.Journal;

/// <summary>The numbers under which both processes hold what they share.</summary>
/// <remarks>
/// The kernel gives an event's descriptor the lowest free number, so the shared ones stand at the top of the range,
/// where no event ever comes: the number of an unanswered event can then always be reserved in the next worker.
/// </remarks>
public readonly record struct DescriptorPlan
{
    /// <summary>Descriptors that are neither events nor shared: what the runtime and the engines open.</summary>
    public const int OwnDescriptors = 256;

    /// <summary>Below it not even a small machine's openers could be served.</summary>
    public const int MinimumLimit = 1024;

    private const int GroupsAt = 8;
    private const int SharedDescriptors = GroupsAt + EventJournal.MaxGroups;
    private const int MostSlots = 8192;

    private DescriptorPlan(int first) => First = first;

    /// <summary>The lowest of the shared numbers.</summary>
    public int First { get; }

    public int Journal => First;

    /// <summary>The worker's or the supervisor's end of the control socket.</summary>
    public int Control => First + 1;

    /// <summary>The mount table of the host's namespace.</summary>
    public int HostMountTable => First + 2;

    /// <summary>The root directory of the host's namespace, O_PATH.</summary>
    public int HostRoot => First + 3;

    /// <summary>The host's mount namespace.</summary>
    public int HostNamespace => First + 4;

    /// <summary>The end of the socket by which the worker offers leases.</summary>
    public int Leases => First + 5;

    /// <summary>How many descriptors the process may have in all.</summary>
    public int Limit => First + SharedDescriptors;

    /// <summary>
    /// How many events can wait at the same time, two descriptors each: the event's, and a recovered file's.
    /// </summary>
    public int SlotCount => Math.Min(MostSlots, (First - OwnDescriptors) / 2);

    /// <summary>Lays the numbers out below a limit of open descriptors.</summary>
    public static DescriptorPlan For(long limit) =>
        new((int)Math.Min(limit, (2 * MostSlots) + OwnDescriptors + SharedDescriptors) - SharedDescriptors);

    /// <summary>The plan that another process has made, as its command line names it.</summary>
    public static DescriptorPlan Parse(string first) => new(int.Parse(first, CultureInfo.InvariantCulture));

    public int Group(int index) => First + GroupsAt + index;

    public override string ToString() => First.ToString(CultureInfo.InvariantCulture);
}
