using Scanner.Core.Scanning;
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
        SubjectUsers users = new(TimeProvider.System);

        // A moment passes until it has changed its user, and its user is remembered for a second.
        Assert.True(SpinWait.SpinUntil(() => users.UserOf(process.ProcessId) == Nobody, 5_000));
        Assert.Equal(0u, users.UserOf(1));
    });

    [Theory(Timeout = 5_000)]
    [InlineData(0)]
    [InlineData(int.MaxValue)]
    public Task GivenAProcessThatIsGoneOrElsewhere_WhenAsked_ThenItsUserIsUnknown(int process)
    {
        Assert.Equal(SubjectUsers.Unknown, new SubjectUsers(TimeProvider.System).UserOf(process));
        return Task.CompletedTask;
    }
}
