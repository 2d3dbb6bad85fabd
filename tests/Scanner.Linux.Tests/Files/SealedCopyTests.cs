using Microsoft.Win32.SafeHandles;
using Scanner.Linux.Files;
using Scanner.Testing;

namespace Scanner.Linux.Tests.Files;

public sealed class SealedCopyTests
{
    private const int MiB = 1024 * 1024;
    private const long NoLimit = long.MaxValue;

    public static TheoryData<string, int> FilesOfManySizes
    {
        get
        {
            TheoryData<string, int> data = [];
            foreach (int size in (int[])[0, 1, 4_096, MiB + 1])
            {
                data.Add("tmpfs", size);
                data.Add("ext4", size);
            }

            return data;
        }
    }

    [Theory(Timeout = 30_000)]
    [MemberData(nameof(FilesOfManySizes))]
    public Task GivenAFile_WhenCopied_ThenCopyAndChunksAreItsContent(string type, int size) => Blocking.Run(() =>
    {
        using TestMount mount = TestMount.Create(type);
        byte[] content = Write(mount, size);

        (Errno error, SealedCopy? made, byte[] chunks) = Copy(mount["file"], NoLimit);
        using SealedCopy copy = made!;

        Assert.Equal((Errno.None, size), (error, copy.Size));
        Assert.Equal(content, chunks);
        Assert.Equal(content, Read(copy));
        Assert.Equal("0", PositionOf(copy));
    });

    [Theory(Timeout = 30_000)]
    [InlineData(0)]
    [InlineData(4_096)]
    public Task GivenACopy_WhenSomebodyTriesToChangeIt_ThenItIsForbidden(int size) => Blocking.Run(() =>
    {
        using TestMount mount = TestMount.Tmpfs();
        byte[] content = Write(mount, size);
        using SealedCopy copy = Copy(mount["file"], NoLimit).Copy!;
        using SafeFileHandle handle = new(copy.Number, ownsHandle: false);

        AssertForbidden(() => RandomAccess.Write(handle, [1], 0));
        AssertForbidden(() => RandomAccess.Write(handle, [1], size));
        AssertForbidden(() => RandomAccess.SetLength(handle, size + 1));
        if (size > 0)
        {
            AssertForbidden(() => RandomAccess.SetLength(handle, 0));
            using Descriptor again = OpenToWrite(copy);
            Assert.Equal(Errno.EPERM, Assert.Throws<ErrnoException>(() => SharedMemory.Open(again)).Errno);
        }

        Assert.Equal(content, Read(copy));
    });

    [Fact(Timeout = 30_000)]
    public Task GivenASparseFile_WhenCopied_ThenItsHolesAreZeros() => Blocking.Run(() =>
    {
        using TestMount mount = TestMount.Ext4();
        using (FileStream file = File.Create(mount["file"]))
        {
            file.SetLength(3 * MiB);
            file.Position = 2 * MiB;
            file.WriteByte(7);
        }

        (_, SealedCopy? made, byte[] chunks) = Copy(mount["file"], NoLimit);
        using SealedCopy copy = made!;

        byte[] expected = new byte[3 * MiB];
        expected[2 * MiB] = 7;
        Assert.Equal(expected, chunks);
        Assert.Equal(expected, Read(copy));
    });

    [Theory(Timeout = 30_000)]
    [InlineData(0, 0, Errno.None)]
    [InlineData(1, 0, Errno.EFBIG)]
    [InlineData(4_096, 4_096, Errno.None)]
    [InlineData(4_097, 4_096, Errno.EFBIG)]
    [InlineData(MiB, MiB, Errno.None)]
    [InlineData(MiB + 1, MiB, Errno.EFBIG)]
    public Task GivenALimit_WhenAFileIsCopied_ThenOnlyALargerOneIsRefused(int size, long limit, Errno expected) =>
        Blocking.Run(() =>
        {
            using TestMount mount = TestMount.Tmpfs();
            Write(mount, size);

            (Errno error, SealedCopy? copy, byte[] chunks) = Copy(mount["file"], limit);

            Assert.Equal(expected, error);
            Assert.Equal(expected == Errno.None ? size : null, copy?.Size);
            Assert.InRange(chunks.Length, 0, limit);
            copy?.Dispose();
            Assert.Equal(0, OpenCopies());
        });

    [Fact(Timeout = 30_000)]
    public Task GivenAFileThatShrinksMeanwhile_WhenCopied_ThenTheCopyIsWhatWasRead() => Blocking.Run(() =>
    {
        using TestMount mount = TestMount.Tmpfs();
        byte[] content = Write(mount, MiB);

        (Errno error, SealedCopy? made, byte[] chunks) = Copy(
            mount["file"], NoLimit, () => Change(mount["file"], file => file.SetLength(10)));
        using SealedCopy copy = made!;

        Assert.Equal(Errno.None, error);
        Assert.InRange(copy.Size, 11, MiB - 1);
        Assert.Equal(content[..(int)copy.Size], Read(copy));
        Assert.Equal(Read(copy), chunks);
    });

    [Theory(Timeout = 30_000)]
    [InlineData(NoLimit, Errno.None)]
    [InlineData(MiB, Errno.EFBIG)]
    public Task GivenAFileThatGrowsMeanwhile_WhenCopied_ThenItIsCopiedOrTooLarge(long limit, Errno expected) =>
        Blocking.Run(() =>
        {
            using TestMount mount = TestMount.Tmpfs();
            byte[] content = Write(mount, MiB);

            (Errno error, SealedCopy? copy, byte[] chunks) = Copy(
                mount["file"],
                limit,
                () => Change(mount["file"], file =>
                {
                    file.Position = MiB;
                    file.Write([1, 2, 3]);
                }));

            Assert.Equal(expected, error);
            Assert.Equal(expected == Errno.None, copy is not null);
            if (copy is not null)
            {
                Assert.Equal([.. content, 1, 2, 3], Read(copy));
                Assert.Equal(Read(copy), chunks);
                copy.Dispose();
            }
        });

    /// <summary>The kernel gives a file of /proc a page or less at a time.</summary>
    [Fact(Timeout = 30_000)]
    public Task GivenAFileThatIsReadInSmallPieces_WhenCopied_ThenItIsWhole() => Blocking.Run(() =>
    {
        byte[] content = File.ReadAllBytes("/proc/kallsyms");
        Assert.True(content.Length > MiB);

        using SealedCopy copy = Copy("/proc/kallsyms", NoLimit).Copy!;

        Assert.Equal(content, Read(copy));
    });

    [Fact(Timeout = 5_000)]
    public Task GivenWhatCannotBeRead_WhenCopied_ThenTheErrorIsReturned() => Blocking.Run(() =>
    {
        using Descriptor place = Descriptor.OpenPath("/proc/version");

        Assert.Equal((Errno.EISDIR, null), (Copy("/proc", NoLimit).Error, Copy("/proc", NoLimit).Copy));
        Assert.Equal(Errno.EBADF, SealedCopy.TryMake(place.Content, NoLimit, _ => { }, out SealedCopy? none));
        Assert.Null(none);
        Assert.Equal(0, OpenCopies());
    });

    [Fact(Timeout = 5_000)]
    public Task GivenACallerThatThrows_WhenCopying_ThenNoCopyIsLeft() => Blocking.Run(() =>
    {
        using Descriptor file = Descriptor.OpenRead("/proc/version");

        Assert.Throws<InvalidOperationException>(
            () => SealedCopy.TryMake(file.Content, NoLimit, _ => throw new InvalidOperationException(), out _));
        Assert.Equal(0, OpenCopies());
    });

    private static byte[] Write(TestMount mount, int size)
    {
        byte[] content = new byte[size];
        new Random(size).NextBytes(content);
        File.WriteAllBytes(mount["file"], content);
        return content;
    }

    private static void Change(string path, Action<FileStream> change)
    {
        using FileStream file = File.OpenWrite(path);
        change(file);
    }

    /// <param name="path">The file.</param>
    /// <param name="limit">Bytes.</param>
    /// <param name="afterFirst">Done when the first chunk has been copied.</param>
    private static (Errno Error, SealedCopy? Copy, byte[] Chunks) Copy(
        string path, long limit, Action? afterFirst = null)
    {
        using Descriptor file = Descriptor.OpenRead(path);
        MemoryStream chunks = new();
        Errno error = SealedCopy.TryMake(
            file.Content,
            limit,
            chunk =>
            {
                chunks.Write(chunk);
                afterFirst?.Invoke();
                afterFirst = null;
            },
            out SealedCopy? copy);
        return (error, copy, chunks.ToArray());
    }

    private static byte[] Read(SealedCopy copy)
    {
        byte[] content = new byte[copy.Size + 1];
        Assert.Equal(Errno.None, copy.Content.TryRead(content, 0, out int count));
        Assert.Equal(copy.Size, count);
        return content[..count];
    }

    private static string PositionOf(SealedCopy copy) =>
        File.ReadLines($"/proc/self/fdinfo/{copy.Number}").First().Split('\t')[1];

    private static int OpenCopies() => Directory.EnumerateFiles("/proc/self/fd")
        .Count(name => new FileInfo(name).LinkTarget?.Contains("memfd:scanner-copy", StringComparison.Ordinal) == true);

    /// <summary>Opens the copy again, as its owner may.</summary>
    private static Descriptor OpenToWrite(SealedCopy copy)
    {
        SafeFileHandle handle = File.OpenHandle(copy.SelfPath.ToString(), access: FileAccess.ReadWrite);
        int number = (int)handle.DangerousGetHandle();
        handle.SetHandleAsInvalid();
        return new Descriptor(number);
    }

    private static void AssertForbidden(Action change)
    {
        Exception error = Assert.Throws<UnauthorizedAccessException>(change);
        Assert.Equal(Errno.EPERM, (Errno)error.InnerException!.HResult);
    }
}
