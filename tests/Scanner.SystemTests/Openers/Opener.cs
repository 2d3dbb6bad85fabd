using Scanner.SystemTests.Fixtures;

namespace Scanner.SystemTests.Openers;

/// <summary>Opens watched files, always in a child process that dies when its time is over.</summary>
internal sealed class Opener : IDisposable
{
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(20);

    private readonly ChildProcess _child;

    private Opener(ChildProcess child) => _child = child;

    public int Id => _child.Id;

    /// <summary>Runs one command of the native opener; tests/native/opener lists them.</summary>
    public static async Task<OpenerResult> RunAsync(params string[] arguments) => await RunAsync(_limit, arguments);

    public static async Task<OpenerResult> RunAsync(TimeSpan limit, params string[] arguments)
    {
        using Opener opener = Start(limit, arguments);
        return await opener.ResultAsync();
    }

    /// <summary>Writes a file, or fails the test: an empty new file is clean and may always be created.</summary>
    public static async Task PutAsync(string path, byte[] content, string mode = "644") =>
        Assert.Equal(OpenerResult.Content(content), (await TryPutAsync(path, content, mode)).Line);

    public static async Task<OpenerResult> TryPutAsync(string path, byte[] content, string mode = "644")
    {
        using ChildProcess child = ChildProcess.Start(_limit, content, NativeProgram.Opener, ["put", path, mode]);
        return OpenerResult.From(await child.ResultAsync());
    }

    public static Opener Start(TimeSpan limit, params string[] arguments) =>
        new(ChildProcess.Start(limit, null, NativeProgram.Opener, arguments));

    public async Task<OpenerResult> ResultAsync()
    {
        OpenerResult result = OpenerResult.From(await _child.ResultAsync());
        // Both can be switched off on a machine; every other failed preparation is a failed test.
        Requirement.Met(!result.IsSetupFailure("unshare"), $"no user namespaces here: {result.Line}");
        Requirement.Met(!result.IsSetupFailure("io_uring_setup"), $"no io_uring here: {result.Line}");
        return result;
    }

    /// <summary>Waits for the line with which some commands say that they have begun.</summary>
    public async Task BegunAsync() => Assert.NotNull(await _child.ReadLineAsync());

    /// <summary>Waits for a line of a command that works in steps.</summary>
    public async Task SaysAsync(string line) => Assert.Equal(line, await _child.ReadLineAsync());

    /// <summary>Lets a command that works in steps take the next one.</summary>
    public void Continue() => Signals.Continue(Id);

    /// <summary>Waits until the kernel lets this process, or one that it started, wait for a reply.</summary>
    public async Task BlockedAsync() =>
        Assert.True(
            await Poll.UntilAsync(TimeSpan.FromSeconds(10), () => ProcessTable.IsBlocked(Id)),
            "the opener was expected to wait for a reply");

    public void Kill() => _child.Kill();

    public void Dispose() => _child.Dispose();
}
