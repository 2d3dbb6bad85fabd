using System.Text.Json;
using System.Text.Json.Nodes;
using Scanner.Core.Policy;
using Scanner.Journal;
using Scanner.Linux;
using Scanner.Linux.Mounts;
using Scanner.Supervisor;

namespace Scanner.Daemon.Tests;

public sealed class SuccessorTests
{
    private static readonly DescriptorPlan s_plan = DescriptorPlan.For(4096);

    private static readonly WatchOptions s_options = new()
    {
        Roots = [new WatchRoot(new BytePath("/srv"), new DeviceNumber(8, 1), new BytePath("/"), "ext4", 42, 43)],
    };

    [Fact(Timeout = 5_000)]
    public Task GivenWhatTheSameProgramLeaves_WhenRead_ThenItIsWhatWasAskedFor()
    {
        WatchOptions read = Read(JsonSerializer.Serialize(s_options, OptionsFormat.Default.WatchOptions), groups: 2);

        Assert.Equal(s_options.Roots, read.Roots);
        return Task.CompletedTask;
    }

    [Theory(Timeout = 5_000)]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{ \"Deadline\": ")]
    [InlineData("{ \"Deadline\": \"00:00:05\" }")]
    public Task GivenOptionsOfAnotherKind_WhenRead_ThenThisProgramRefuses(string options)
    {
        Exception error = Assert.ThrowsAny<Exception>(() => Read(options, groups: 1));

        Assert.True(error is InvalidDataException or JsonException, error.ToString());
        return Task.CompletedTask;
    }

    [Fact(Timeout = 5_000)]
    public Task GivenOptionsOfAVersionThatKnewLess_WhenRead_ThenTheRestIsAsByDefault()
    {
        JsonObject options = JsonSerializer.SerializeToNode(s_options, OptionsFormat.Default.WatchOptions)!.AsObject();
        string[] unknown = [.. options.Select(option => option.Key).Where(key => key != nameof(WatchOptions.Roots))];
        Assert.All(unknown, name => options.Remove(name));

        WatchOptions read = Read(options.ToJsonString(), groups: 1);

        string expected = JsonSerializer.Serialize(s_options, OptionsFormat.Default.WatchOptions);
        Assert.Equal(expected, JsonSerializer.Serialize(read, OptionsFormat.Default.WatchOptions));
        return Task.CompletedTask;
    }

    [Fact(Timeout = 5_000)]
    public Task GivenMoreGroupsThanThereIsRoomFor_WhenRead_ThenThisProgramRefuses()
    {
        string options = JsonSerializer.Serialize(s_options, OptionsFormat.Default.WatchOptions);

        Assert.Throws<InvalidDataException>(() => Read(options, groups: EventJournal.MaxGroups + 1));
        return Task.CompletedTask;
    }

    private static WatchOptions Read(string options, int groups) => Successor.Read(
        s_plan,
        new Handover(10, 11, 12, [.. Enumerable.Range(0, groups).Select(i => ((ulong)i, 20 + i))]),
        options);
}
