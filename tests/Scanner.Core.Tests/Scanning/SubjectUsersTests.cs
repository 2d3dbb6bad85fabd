using Scanner.Core.Scanning;
using Scanner.Linux.Processes;
using Scanner.Testing;

namespace Scanner.Core.Tests.Scanning;

/// <summary>Whose share an opener's scan counts against.</summary>
[Collection(MarksCollection.Name)]
public sealed class SubjectUsersTests
{
    private const uint Nobody = 65534;

    [Fact(Timeout = 20_000)]
    public Task GivenAProcess_WhenAsked_ThenItIsItsRealUsers() => Blocking.Run(() =>
    {
        Requires.Root();
        using Opener process = Opener.Start("setpriv", $"--reuid={Nobody}", "--clear-groups", "sleep", "30");
        using ProcessLooks looks = new();
        SubjectUsers users = new(looks, TimeProvider.System);

        // A moment passes until it has changed its user, and its user is remembered for a second.
        Assert.True(SpinWait.SpinUntil(() => UserOf(process.ProcessId, users) == Nobody, 5_000));
        Assert.Equal(0u, UserOf(1, users));
    });

    [Theory(Timeout = 20_000)]
    [InlineData(60001, 60001)]
    [InlineData(0, 100_004)]
    public Task GivenAProcessWithAnotherIdOfAUserNamespace_WhenAsked_ThenItIsTheNamespacesOwnersUnlessThatIsRoot(
        int owner, uint expected) => Blocking.Run(() =>
    {
        Requires.Root();
        using Opener process = Opener.Start(
            "setpriv",
            $"--reuid={owner}",
            "--clear-groups",
            "unshare",
            "--user",
            "sh",
            "-c",
            "until read ids < /proc/$$/uid_map; do sleep 0.05; done; exec setpriv --reuid=5 sleep 30");
        string map = $"/proc/{process.ProcessId}/uid_map";
        Assert.True(SpinWait.SpinUntil(() => IsElsewhere(process.ProcessId), 5_000));
        File.WriteAllText(map, $"0 {owner} 1\n1 100000 10\n");

        // Its user is remembered for a second, so it is asked for when it has changed.
        Assert.True(SpinWait.SpinUntil(() => ProcessImage.RealUser(process.ProcessId) == 100_004, 5_000));
        using ProcessLooks looks = new();
        Assert.Equal(expected, UserOf(process.ProcessId, new SubjectUsers(looks, TimeProvider.System)));
    });

    [Theory(Timeout = 5_000)]
    [InlineData(0)]
    [InlineData(int.MaxValue)]
    public async Task GivenAProcessThatIsGoneOrElsewhere_WhenAsked_ThenItsUserIsUnknown(int process)
    {
        using ProcessLooks looks = new();
        Assert.Equal(SubjectUsers.Unknown, await new SubjectUsers(looks, TimeProvider.System).UserOfAsync(process));
    }

    private static uint UserOf(int process, SubjectUsers users) =>
        users.UserOfAsync(process).AsTask().GetAwaiter().GetResult();

    private static bool IsElsewhere(int process) =>
        new FileInfo($"/proc/{process}/ns/user").LinkTarget != new FileInfo("/proc/self/ns/user").LinkTarget
        && File.ReadAllText($"/proc/{process}/comm").Trim() == "sh";
}
