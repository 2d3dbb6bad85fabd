using Scanner.Linux.Files;
using Scanner.Testing;

namespace Scanner.Linux.Tests;

public sealed class DescriptorTests
{
    [Fact(Timeout = 5_000)]
    public Task GivenAnOpenDescriptor_WhenMoved_ThenTheOldNumberIsClosedAndTheNewOneReads() => Blocking.Run(() =>
    {
        using Descriptor file = Descriptor.OpenRead("/proc/self/stat");
        int old = file.Number;

        file.MoveTo(901);

        Assert.Equal(901, file.Number);
        Assert.NotEqual(Links("901"), Links(old.ToString()));
        Assert.Equal(Errno.None, file.Content.TryRead(new byte[8], 0, out int count));
        Assert.Equal(8, count);
    });

    [Fact(Timeout = 5_000)]
    public Task GivenALimit_WhenMovedBeyondIt_ThenTheErrorSaysSo() => Blocking.Run(() =>
    {
        using Descriptor file = Descriptor.OpenRead("/proc/self/stat");

        ErrnoException error = Assert.Throws<ErrnoException>(() => file.MoveTo(int.MaxValue));

        Assert.Equal(("dup3", Errno.EBADF), (error.Call, error.Errno));
    });

    [Fact(Timeout = 5_000)]
    public Task GivenADescriptorKeptOnExec_WhenAdopted_ThenOtherChildrenDoNotGetIt() => Blocking.Run(() =>
    {
        using Descriptor opened = Descriptor.OpenRead("/proc/self/stat");
        opened.KeepOnExec();
        Assert.False(ClosesOnExec(opened.Number));

        Descriptor adopted = Descriptor.Inherited(opened.Number);

        Assert.True(ClosesOnExec(adopted.Number));
        adopted.SetHandleAsInvalid();
    });

    [Fact(Timeout = 5_000)]
    public Task GivenANumberThatIsNotOpen_WhenAdopted_ThenItFails() => Blocking.Run(() =>
    {
        Assert.False(Descriptor.IsOpen(902));
        Assert.Equal(Errno.EBADF, Assert.Throws<ErrnoException>(() => Descriptor.Inherited(902)).Errno);
    });

    [Fact(Timeout = 5_000)]
    public Task GivenANameThatIsNotUtf8_WhenOpenedBelowADirectory_ThenItIsThatFile() => Blocking.Run(() =>
    {
        string directory = Directory.CreateTempSubdirectory().FullName;
        try
        {
            Tool.Run("/bin/sh", "-c", "mkdir \"$0/$(printf 'a\\377b')\"", directory);
            using Descriptor parent = Descriptor.OpenPath(directory);

            using Descriptor child = Descriptor.OpenPath(parent, new BytePath([0x61, 0xFF, 0x62]));

            Assert.Equal(FileKind.Directory, FileStatus.Of(child).Kind);
        }
        finally
        {
            // The runtime cannot name it.
            Tool.Run("rm", "-r", directory);
        }
    });

    private static bool ClosesOnExec(int number)
    {
        string line = File.ReadLines($"/proc/self/fdinfo/{number}").First(
            line => line.StartsWith("flags:", StringComparison.Ordinal));
        return (Convert.ToInt32(line[6..].Trim(), 8) & 0x80000) != 0;
    }

    private static string? Links(string number) => new FileInfo($"/proc/self/fd/{number}").LinkTarget;
}
