namespace Scanner.Daemon.Tests;

public sealed class EngineNameTests
{
    [Fact(Timeout = 5_000)]
    public Task GivenTheNameAlone_WhenParsed_ThenTheUsualDirectoryIsMeant()
    {
        Assert.True(EngineName.TryParse("signatures", out EngineName? name));
        Assert.Null(name.Directory);
        return Task.CompletedTask;
    }

    [Theory(Timeout = 5_000)]
    [InlineData("signatures:/var/lists", "/var/lists")]
    [InlineData("signatures:/var/lists:old", "/var/lists:old")]
    [InlineData("signatures:/var/../srv/lists", "/srv/lists")]
    public Task GivenADirectory_WhenParsed_ThenItIsTaken(string text, string directory)
    {
        Assert.True(EngineName.TryParse(text, out EngineName? name));
        Assert.Equal(directory, name.Directory);
        return Task.CompletedTask;
    }

    [Fact(Timeout = 5_000)]
    public Task GivenARelativeDirectory_WhenParsed_ThenItIsAbsolute()
    {
        // The daemon changes its working directory before it loads anything.
        Assert.Equal(Path.GetFullPath("lists"), EngineName.Parse("signatures:lists").Directory);
        return Task.CompletedTask;
    }

    [Theory(Timeout = 5_000)]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("signatures:")]
    [InlineData("Signatures")]
    [InlineData("signature")]
    [InlineData("clamd")]
    [InlineData(":/var/lists")]
    public Task GivenAnythingElse_WhenParsed_ThenItNamesNoEngine(string? text)
    {
        Assert.False(EngineName.TryParse(text, out EngineName? name));
        Assert.Null(name);
        Assert.Throws<FormatException>(() => EngineName.Parse(text ?? ""));
        return Task.CompletedTask;
    }
}
