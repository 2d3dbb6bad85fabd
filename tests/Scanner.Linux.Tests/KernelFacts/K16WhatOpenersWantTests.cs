using System.Globalization;
using Scanner.Linux.Fanotify;
using Scanner.Linux.Processes;
using Scanner.Testing;

namespace Scanner.Linux.Tests.KernelFacts;

/// <summary>
/// The flags of an open are in a register of its opener, which waits: /proc shows it. But registers lie, and only the
/// number of tasks and the kernel's stack tell when.
/// </summary>
[Collection(MarksCollection.Name)]
public sealed class K16WhatOpenersWantTests
{
    private const string WriteOnly = "0x1";
    private const string Append = "0x401";
    private const string Create = "0x41";
    private const string Truncate = "0x201";
    private const string NoFollow = "0x20001";

    public static TheoryData<string, string, string> ForWritingOnly()
    {
        TheoryData<string, string, string> data = [];
        foreach (string type in TestMount.Types)
        {
            data.Add(type, "openat", WriteOnly);
            data.Add(type, "openat", Append);
            data.Add(type, "openat", Create);
            data.Add(type, "openat", Truncate);
            data.Add(type, "openat", NoFollow);
            data.Add(type, "open", WriteOnly);
            data.Add(type, "creat", "0");
        }

        return data;
    }

    [Theory(Timeout = 20_000)]
    [MemberData(nameof(ForWritingOnly))]
    public Task GivenAPlainOpenForWriting_WhenItsOpenerIsLookedAt_ThenItIsKnown(
        string type, string call, string flags) => Blocking.Run(() => Assert.True(IsForWritingOnly(type, "call", call, flags)));

    [Theory(Timeout = 20_000)]
    [InlineData("openat", "0x0")]
    [InlineData("openat", "0x2")]
    [InlineData("openat", "0x3")]
    [InlineData("openat", "0x242")]
    [InlineData("open", "0x0")]
    [InlineData("openat2", WriteOnly)]
    [InlineData("compat-open", WriteOnly)]
    [InlineData("compat-open", "0x0")]
    [InlineData("compat-openat", WriteOnly)]
    [InlineData("compat-creat", "0")]
    public Task GivenAnyOtherOpen_WhenItsOpenerIsLookedAt_ThenNothingIsKnown(string call, string flags) =>
        Blocking.Run(() => Assert.False(IsForWritingOnly("tmpfs", "call", call, flags)));

    [Fact(Timeout = 20_000)]
    public Task GivenAnX32Call_WhenItsOpenerIsLookedAt_ThenNothingIsKnown() => Blocking.Run(() =>
    {
        using TestMount mount = TestMount.Tmpfs();
        string path = mount.Write("file", "content");
        using MarkedMount marked = new(mount);
        using Opener opener = Start("call", "x32-open", WriteOnly, path);
        if (marked.Reader.TryNext(500) is not EventMetadata metadata)
        {
            // Most kernels have none.
            Assert.Equal("errno 38 ENOSYS\n", opener.Result().Output);
            return;
        }

        Assert.False(Look(metadata));
        marked.Reader.Answer(metadata, Access.Deny);
    });

    [Theory(Timeout = 20_000)]
    [InlineData("two-threads", false)]
    [InlineData("dead-leader", false)]
    [InlineData("vfork", true)]
    public Task GivenAnOpenForWriting_WhenItsOpenerHasMoreTasks_ThenNothingIsKnown(string wrapper, bool isKnown) =>
        Blocking.Run(() => Assert.Equal(isKnown, IsForWritingOnly("tmpfs", wrapper, "call", "openat", WriteOnly)));

    [Theory(Timeout = 20_000)]
    [InlineData("lie-worker")]
    [InlineData("lie-poller")]
    public Task GivenAThreadOfIoUring_WhenItOpensForReading_ThenItsCreatorTellsNothing(string command) =>
        Blocking.Run(() => AssertNotTakenForWriting(command));

    [Fact(Timeout = 20_000)]
    public Task GivenAnOpenOnTheWayOutOfACall_WhenTheRegistersSayWriting_ThenTheStackTellsOtherwise() =>
        Blocking.Run(() => Assert.True(AssertNotTakenForWriting("lie-way-out"), "no open showed another call's flags"));

    [Fact(Timeout = 20_000)]
    public Task GivenAnOverlay_WhenAFileIsCopiedUp_ThenItsLowerLayerIsNotTakenForWritten() => Blocking.Run(() =>
    {
        using TestMount mount = TestMount.Tmpfs();
        string lower = mount.Write("file", "content");
        using TestMount above = TestMount.Tmpfs();
        string upper = Directory.CreateDirectory(above["upper"]).FullName;
        string work = Directory.CreateDirectory(above["work"]).FullName;
        string merged = Directory.CreateDirectory(above["merged"]).FullName;
        string layers = $"lowerdir={mount.Root},upperdir={upper},workdir={work}";
        Tool.Run("mount", "-t", "overlay", "overlay", "-o", layers, merged);
        try
        {
            using MarkedMount marked = new(mount);
            using Opener opener = Start("call", "openat", Append, Path.Combine(merged, "file"));

            // Nobody is asked about the overlay; this is the kernel's own open of the lower file.
            EventMetadata metadata = marked.Reader.Next();
            Assert.True(ShowsFlagsForWriting(metadata.ProcessId));
            Assert.False(Look(metadata));
            marked.Reader.Answer(metadata, Access.Deny);
            Assert.Equal("errno 1 EPERM\n", opener.Result().Output);
        }
        finally
        {
            Tool.Run("umount", merged);
        }
    });

    [Fact(Timeout = 20_000)]
    public Task GivenAnOpenerInAPidNamespaceOfItsOwn_WhenItIsLookedAt_ThenItIsKnown() => Blocking.Run(() =>
    {
        using TestMount mount = TestMount.Tmpfs();
        string path = mount.Write("file", "content");
        using MarkedMount marked = new(mount);
        using Opener opener = Opener.Start(
            "unshare", "--pid", "--fork", NativeProgram.Path("opener"), "call", "openat", WriteOnly, path);
        EventMetadata metadata = marked.Reader.Next();

        Assert.True(Look(metadata));

        marked.Reader.Answer(metadata, Access.Deny);
    });

    [Fact(Timeout = 20_000)]
    public Task GivenProcOfAnotherPidNamespace_WhenItIsOpened_ThenItIsRefused() => Blocking.Run(() =>
    {
        using Opener other = Opener.Start("unshare", "--pid", "--fork", "--mount-proc", "sleep", "20");
        int child = 0;
        Assert.True(SpinWait.SpinUntil(() => (child = ChildOf(other.ProcessId)) != 0, 5_000));
        string proc = $"/proc/{child}/root/proc";
        Assert.True(SpinWait.SpinUntil(() => Directory.Exists($"{proc}/1"), 5_000));
        Assert.True(SpinWait.SpinUntil(() => !Directory.Exists($"{proc}/{child}"), 5_000));

        Assert.Null(WaitingOpens.TryOpen(proc));
        Assert.Null(WaitingOpens.TryOpen("/sys"));
        using WaitingOpens? own = WaitingOpens.TryOpen();
        Assert.NotNull(own);
    });

    [Fact(Timeout = 20_000)]
    public Task GivenAProcessThatIsGoneOrOutside_WhenItIsLookedAt_ThenNothingIsKnown() => Blocking.Run(() =>
    {
        using WaitingOpens opens = WaitingOpens.TryOpen()!;
        int[] ids = [int.MaxValue, 0, -1, 2, Environment.ProcessId];
        Assert.All(ids, id => Assert.False(opens.IsForWritingOnly(id)));
    });

    [Fact(Timeout = 30_000)]
    public Task GivenAProcessThatHangsOnItsWayToAnotherProgram_WhenItIsLookedAt_ThenOnlyCountingItsTasksDoesNotWait() =>
        Blocking.Run(() =>
        {
            using TestMount mount = TestMount.Tmpfs();
            using Opener server = Opener.Start(NativeProgram.Path("stall_fuse"), mount.Root, "65534", "close");
            Assert.True(SpinWait.SpinUntil(() => File.Exists(mount["held"]), 5_000));
            using Opener executing = Start("exec-holding", mount["held"]);
            using WaitingOpens opens = WaitingOpens.TryOpen()!;
            Task<bool> look = Task.FromResult(false);
            Assert.True(SpinWait.SpinUntil(
                () => !(look = Task.Run(() => opens.IsForWritingOnly(executing.ProcessId))).Wait(500), 5_000));

            Assert.Single(Directory.GetDirectories($"/proc/{executing.ProcessId}/task"));

            // Its end ends every wait for it.
            Tool.Run("kill", $"{server.ProcessId}");
            Assert.True(look.Wait(5_000) && !look.Result);
            mount.Detach();
        });

    /// <summary>Has a file opened once, and denies it.</summary>
    private static bool IsForWritingOnly(string type, params string[] command)
    {
        using TestMount mount = TestMount.Create(type);
        string path = mount.Write("file", "content");
        using MarkedMount marked = new(mount);
        using Opener opener = Start([.. command, path]);
        EventMetadata metadata = marked.Reader.Next();
        bool isKnown = Look(metadata);
        marked.Reader.Answer(metadata, Access.Deny);
        Assert.Equal("errno 1 EPERM\n", opener.Result().Output);
        return isKnown;
    }

    /// <summary>Whether the registers of the task that gave the process its id say O_WRONLY.</summary>
    private static bool ShowsFlagsForWriting(int processId)
    {
        string[] words = File.ReadAllText($"/proc/{processId}/task/{processId}/syscall").Split(' ');
        return words[0] == "257" && (Convert.ToInt64(words[3], 16) & 3) == 1;
    }

    private static bool Look(EventMetadata metadata)
    {
        using WaitingOpens opens = WaitingOpens.TryOpen()!;
        return opens.IsForWritingOnly(metadata.ProcessId);
    }

    /// <summary>
    /// Lets a command open one file for writing and another, by way of io_uring, for reading.
    /// </summary>
    /// <returns>Whether an open for reading showed registers that say writing.</returns>
    private static bool AssertNotTakenForWriting(string command)
    {
        const int rounds = 20;
        using TestMount mount = TestMount.Tmpfs();
        string writable = mount.Write("writable", "content");
        string target = mount.Write("target", "content");
        using MarkedMount marked = new(mount);
        using Opener opener = Start(command, rounds.ToString(CultureInfo.InvariantCulture), writable, target);
        bool hasLied = false;
        int asked = 0;
        while (!opener.EndsWithin(0))
        {
            if (marked.Reader.TryNext(50) is not EventMetadata metadata)
            {
                continue;
            }

            // The command itself keeps the target open for writing; its first open is that one.
            bool isTarget = PathOf(metadata) == target && asked++ > 0;
            hasLied |= isTarget && ShowsFlagsForWriting(metadata.ProcessId);
            Assert.False(isTarget && Look(metadata), "an open for reading was taken for one for writing");
            marked.Reader.Answer(metadata, isTarget ? Access.Deny : Access.Allow);
        }

        Assert.StartsWith("ok 0 ", opener.Result().Output);
        Assert.Equal(rounds, asked - 1);
        return hasLied;
    }

    private static string? PathOf(EventMetadata metadata) =>
        new FileInfo($"/proc/self/fd/{metadata.Descriptor}").LinkTarget;

    private static int ChildOf(int processId)
    {
        string children = File.ReadAllText($"/proc/{processId}/task/{processId}/children").Trim();
        return int.TryParse(children, out int child) ? child : 0;
    }

    private static Opener Start(params string[] arguments) => Opener.Start(NativeProgram.Path("opener"), arguments);
}
