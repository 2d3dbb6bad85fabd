using System.Globalization;
using Scanner.Testing;

namespace Scanner.Core.Tests.Fixtures;

/// <summary>Processes in another mount namespace that open clean and infected files without end.</summary>
internal sealed class OpenerLoop : IDisposable
{
    private readonly string _list = Path.GetTempFileName();
    private readonly Opener _opener;

    public OpenerLoop(int openers, int seconds, IEnumerable<string> clean, IEnumerable<string> infected)
    {
        File.WriteAllLines(_list, clean.Select(path => $"c {path}").Concat(infected.Select(path => $"i {path}")));
        _opener = Opener.Start(
            "/usr/bin/unshare", "-m", NativeProgram.Path("opener"), "loop", $"{openers}", $"{seconds}", _list, "20");
    }

    /// <summary>Waits for the end: none hung, none had an error, and no answer was the wrong one.</summary>
    /// <returns>The longest time that one waited.</returns>
    public TimeSpan AssertAllRight()
    {
        Assert.True(_opener.EndsWithin(60_000));
        string result = _opener.Result().Output;
        TestContext.Current.TestOutputHelper?.WriteLine(result);
        Dictionary<string, double> counts = result.Split((char[])[' ', '\n']).Where(part => part.Contains('='))
            .Select(part => part.Split('='))
            .ToDictionary(pair => pair[0], pair => double.Parse(pair[1], CultureInfo.InvariantCulture));
        Assert.Equal(
            (0, 0, 0, 0), (counts["infected_allowed"], counts["clean_denied"], counts["other"], counts["hung"]));
        Assert.True(counts["clean_allowed"] > 0 && counts["infected_denied"] > 0, result);
        return TimeSpan.FromMilliseconds(counts["longest_ms"]);
    }

    public void Dispose()
    {
        _opener.Dispose();
        File.Delete(_list);
    }
}
