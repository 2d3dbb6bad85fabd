using Scanner.Core.Listening;
using Scanner.Core.Policy;
using Scanner.Journal;
using Scanner.Linux;
using Scanner.Linux.Fanotify;
using Scanner.Linux.Files;
using Scanner.Testing;

namespace Scanner.Core.Tests.Fixtures;

/// <summary>
/// A scheduler at work on events that the test makes up. Nothing is marked, and nobody waits for an answer.
/// </summary>
internal sealed class ScanBed : IDisposable
{
    /// <summary>A process of root, and one that is gone: they count as two users.</summary>
    public const int Root = 1;

    public const int Other = int.MaxValue;

    private readonly string _directory = Directory.CreateTempSubdirectory("scanner-scans-").FullName;
    private readonly WatchedGroup _group;

    public ScanBed(int concurrency, int slots = 64, FilesystemKind kind = FilesystemKind.Local)
    {
        Requires.Root();
        Engine = new GatedEngine(concurrency);
        Rooms = new Rooms(slots, Engine);
        FailurePolicy.Write(ref Rooms.Journal.Header, new WatchOptions { Profile = Profile.Strict });
        _group = Rooms.Group(kind);
        Rooms.Tools.Scheduler.Start();
    }

    public GatedEngine Engine { get; }

    public WatchedGroup Group => _group;

    public Rooms Rooms { get; }

    /// <summary>Makes a file; its size tells the scans apart.</summary>
    public string File(int size)
    {
        string path = Path.Combine(_directory, $"{size}");
        System.IO.File.WriteAllBytes(path, new byte[size]);
        return path;
    }

    /// <summary>Lets somebody open a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="process">Whose process it is.</param>
    /// <param name="left">The time until the deadline; <c>null</c> for all of it.</param>
    /// <returns>The slot.</returns>
    public int Open(string path, int process = Root, TimeSpan? left = null) => Open(path, _group, process, left);

    /// <summary>Lets somebody open a file of another group.</summary>
    public int Open(string path, WatchedGroup group, int process = Root, TimeSpan? left = null) =>
        Ask(path, group, EventMask.OpenPermission, process, left);

    /// <summary>Lets somebody execute a file.</summary>
    public int Execute(string path, int process = Root) =>
        Ask(path, _group, EventMask.OpenExecPermission, process, left: null);

    private int Ask(string path, WatchedGroup group, EventMask mask, int process, TimeSpan? left)
    {
        Descriptor file = Descriptor.OpenRead(path);
        Assert.Equal(Errno.None, file.Content.TryGetStatus(StatusScope.Cached, out FileStatus status));
        int index = Rooms.Pool.TryTake();
        Assert.True(index >= 0);
        ref Slot slot = ref Rooms.Journal.Slot(index);
        slot.BeginRead(0);
        slot.Event.Descriptor = 1_000_000;
        slot.Event.ProcessId = process;
        slot.Event.Mask = mask;

        // The deadline counts from the reading.
        long whole = new DeadlineRule(Rooms.Tools.Options.Deadline).NanosecondsFor(status.Size);
        long spent = left is { } rest ? whole - (long)rest.TotalNanoseconds : 0;
        slot.CompleteRead(Clock.Now - spent, Clock.Now - spent + whole);

        // As a recovered one: its descriptor is not the kernel's, and the file is open already.
        Rooms.Waiting[index].Begin(group, group.IsLocal ? status : null, isRecovered: true);
        Rooms.Waiting[index].Reopened = file;
        group.HandOn(index);
        return index;
    }

    /// <summary>Waits until events are answered and have left their slots.</summary>
    /// <returns>The reasons of their answers.</returns>
    public async Task<FailureReason[]> AnsweredAsync(params int[] slots)
    {
        for (int looks = 0; slots.Any(IsWaiting); looks++)
        {
            Assert.True(looks < 500, $"not answered: {string.Join(", ", slots.Where(IsWaiting))}");
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }

        // A free slot keeps what was decided until it is used again.
        return [.. slots.Select(index => Rooms.Journal.Slot(index).Reason)];
    }

    public bool IsWaiting(int slot) => Rooms.Journal.Slot(slot).State != SlotState.Free;

    /// <summary>Time in which the scheduler does whatever it is going to do.</summary>
    public static async Task SettleAsync() => await Task.Delay(150, TestContext.Current.CancellationToken);

    public void Dispose()
    {
        Rooms.Dispose();
        _group.Dispose();
        Directory.Delete(_directory, recursive: true);
    }
}
