using Scanner.Linux.Files;
using Scanner.Linux.Processes;
using Scanner.Testing;

namespace Scanner.Linux.Tests.Processes;

public sealed class ChildProcessTests
{
    [Fact(Timeout = 10_000)]
    public Task GivenAnInheritedDescriptor_WhenTheChildRuns_ThenItHasItsNumberAndNoOther() => Blocking.Run(() =>
    {
        using Descriptor inherited = SharedMemory.Create("inherited", 8).Descriptor;
        using Descriptor kept = SharedMemory.Create("kept", 8).Descriptor;
        inherited.MoveTo(911);
        kept.MoveTo(912);

        ExitStatus status = Shell(
            "[ \"$(readlink /proc/$$/fd/911)\" = '/memfd:inherited (deleted)' ] && [ ! -e /proc/$$/fd/912 ]",
            inherited: [inherited]);

        Assert.Equal(0, status.Code);
    });

    [Fact(Timeout = 10_000)]
    public Task GivenReservedNumbers_WhenTheChildRuns_ThenTheyAreTaken() => Blocking.Run(() =>
    {
        ExitStatus status = Shell(
            "for n in 3 57 920; do [ \"$(readlink /proc/$$/fd/$n)\" = /dev/null ] || exit $n; done",
            reserved: [3, 57, 920]);

        Assert.Equal(0, status.Code);
    });

    [Fact(Timeout = 10_000)]
    public Task GivenAnEnvironment_WhenTheChildRuns_ThenItIsExactlyThat() => Blocking.Run(() =>
    {
        ExitStatus status = Shell(
            "[ \"$A\" = 'b c' ] && [ \"$(tr '\\0' '\\n' < /proc/$$/environ)\" = 'A=b c' ]", environment: ["A=b c"]);

        Assert.Equal(0, status.Code);
    });

    [Fact(Timeout = 10_000)]
    public Task GivenTheRuntimesSignalHandling_WhenTheChildRuns_ThenItIsTheDefault() => Blocking.Run(() =>
    {
        // The runtime ignores SIGPIPE, and an ignored signal would stay ignored across execve(2). glibc itself leaves
        // its internal signals 32 and 33 ignored.
        ExitStatus status = Shell(
            "grep -qE '^SigIgn:.0000000[01][08]0000000$' /proc/self/status "
            + "&& grep -q '^SigBlk:.0*$' /proc/self/status");

        Assert.Equal(0, status.Code);
    });

    [Fact(Timeout = 10_000)]
    public Task GivenARunningChild_WhenSignalled_ThenItEndsByThatSignal() => Blocking.Run(() =>
    {
        using ChildProcess child = Start("/bin/sleep", ["sleep", "60"]);
        Assert.Null(child.TryReap());

        child.Signal(ProcessSignal.Terminate);
        ExitStatus status = Children.End(child);

        Assert.Null(status.Code);
        Assert.Equal("signal 15", status.ToString());
    });

    [Fact(Timeout = 10_000)]
    public Task GivenAnEndedChild_WhenReapedAgain_ThenItsStatusIsStillKnown() => Blocking.Run(() =>
    {
        using ChildProcess child = Start("/bin/sh", ["sh", "-c", "exit 3"]);

        Assert.Equal("exit code 3", Children.End(child).ToString());

        Assert.Equal(3, child.TryReap()?.Code);
        child.Signal(ProcessSignal.Kill);
    });

    [Fact(Timeout = 10_000)]
    public Task GivenAMissingProgram_WhenStarted_ThenTheErrorNamesIt() => Blocking.Run(() =>
    {
        ErrnoException error = Assert.Throws<ErrnoException>(() => Start("/nonexistent", ["x"]));

        Assert.Equal("posix_spawn /nonexistent: No such file or directory (ENOENT)", error.Message);
    });

    [Fact(Timeout = 10_000)]
    public Task GivenAChild_WhenStarted_ThenItLeadsAProcessGroupOfItsOwn() => Blocking.Run(() =>
        Assert.Equal(0, Shell("[ \"$(cut -d' ' -f5 /proc/$$/stat)\" = $$ ]").Code));

    private static ChildProcess Start(string program, IReadOnlyList<string> arguments) =>
        ChildProcess.Start(new SpawnRequest(program, arguments, [], [], []));

    private static ExitStatus Shell(
        string script,
        IReadOnlyList<string>? environment = null,
        IReadOnlyList<Descriptor>? inherited = null,
        IReadOnlyList<int>? reserved = null)
    {
        using ChildProcess child = ChildProcess.Start(
            new SpawnRequest("/bin/sh", ["sh", "-c", script], environment ?? [], inherited ?? [], reserved ?? []));
        return Children.End(child);
    }
}
