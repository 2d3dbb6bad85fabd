using Scanner.Core.Policy;

namespace Scanner.Daemon.Tests;

public sealed class EngineNamesTests
{
    [Theory(Timeout = 5_000)]
    [InlineData("signatures", EngineKind.Signatures, null)]
    [InlineData("signatures:/var/lists", EngineKind.Signatures, "/var/lists")]
    [InlineData("signatures:/var/lists:old", EngineKind.Signatures, "/var/lists:old")]
    [InlineData("signatures:/var/../srv/lists", EngineKind.Signatures, "/srv/lists")]
    [InlineData("clamd:/run/clamav/clamd.ctl", EngineKind.Clamd, "/run/clamav/clamd.ctl")]
    public Task GivenAnEngine_WhenParsed_ThenItIsChosen(string text, EngineKind kind, string? location)
    {
        Assert.True(EngineNames.TryParse(text, out EngineChoice? choice));
        Assert.Equal((kind, location), (choice.Kind, choice.Location));
        return Task.CompletedTask;
    }

    [Fact(Timeout = 5_000)]
    public Task GivenARelativePath_WhenParsed_ThenItIsAbsolute()
    {
        // The daemon changes its working directory before it loads anything.
        Assert.True(EngineNames.TryParse("signatures:lists", out EngineChoice? choice));
        Assert.Equal(Path.GetFullPath("lists"), choice.Location);
        return Task.CompletedTask;
    }

    [Theory(Timeout = 5_000)]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("signatures:")]
    [InlineData("Signatures")]
    [InlineData("signature")]
    [InlineData("clamd")]
    [InlineData("clamd:")]
    [InlineData(":/var/lists")]
    public Task GivenAnythingElse_WhenParsed_ThenItNamesNoEngine(string? text)
    {
        Assert.False(EngineNames.TryParse(text, out EngineChoice? choice));
        Assert.Null(choice);
        return Task.CompletedTask;
    }
}
