using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Scanner.Linux;
using Scanner.Linux.Files;

namespace Scanner.Engines.Signatures;

/// <summary>Reads lists into a <see cref="SignatureSet"/>. For one thread and one set.</summary>
/// <param name="report">Who is told of lines that are skipped.</param>
internal sealed class SignatureLoader(Action<SignatureProblem>? report)
{
    private static readonly string[] Extensions = [".hdb", ".hsb"];

    private static readonly EnumerationOptions OnlyTheDirectory = new()
    {
        RecurseSubdirectories = false,
        IgnoreInaccessible = false,

        // Hidden lists count, as for ClamAV: a signature is not left out because of a dot.
        AttributesToSkip = FileAttributes.None,
    };

    private readonly NameStore _names = new();
    private readonly ChunkedList<DigestEntry<Md5Digest>> _md5 = new();
    private readonly ChunkedList<DigestEntry<Sha1Digest>> _sha1 = new();
    private readonly ChunkedList<DigestEntry<Sha256Digest>> _sha256 = new();

    /// <summary>Whether a file of this name is a list.</summary>
    public static bool IsList(string name) =>
        Extensions.Contains(Path.GetExtension(name), StringComparer.OrdinalIgnoreCase);

    /// <summary>Reads all lists of a directory, in the ordinal order of their names.</summary>
    /// <exception cref="SignatureListException">The directory or a list cannot be read.</exception>
    public void AddDirectory(string directory)
    {
        foreach (string path in ListPaths(directory))
        {
            AddList(path);
        }
    }

    /// <summary>Makes the set. The loader is empty after it.</summary>
    /// <remarks>The strongest hash comes first, because its name for the content is the most exact.</remarks>
    public SignatureSet MoveToSet() => new(
        [
            new SortedDigestTable<Sha256Digest>(HashAlgorithmName.SHA256, _sha256.MoveToArray()),
            new SortedDigestTable<Sha1Digest>(HashAlgorithmName.SHA1, _sha1.MoveToArray()),
            new SortedDigestTable<Md5Digest>(HashAlgorithmName.MD5, _md5.MoveToArray()),
        ],
        _names);

    private static List<string> ListPaths(string directory)
    {
        List<string> paths = [];
        try
        {
            foreach (string path in Directory.EnumerateFiles(directory, "*", OnlyTheDirectory))
            {
                if (IsList(path))
                {
                    paths.Add(path);
                }
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new SignatureListException(directory, "the directory of signature lists cannot be read", error);
        }

        paths.Sort(StringComparer.Ordinal);
        return paths;
    }

    private void AddList(string path)
    {
        using Descriptor? file = OpenList(path);
        if (file is null)
        {
            report?.Invoke(new SignatureProblem(path, 0, "not a regular file; skipped"));
            return;
        }

        ProblemReport problems = new(path, report);
        LineReader reader = new(file, path);
        while (reader.TryRead(out ReadOnlySpan<byte> line))
        {
            if (reader.LineIsTooLong)
            {
                problems.Add(reader.LineNumber, $"line is longer than {LineReader.MaxLineLength} bytes");
                continue;
            }

            string? problem = AddLine(WithoutMargins(line, reader.LineNumber), path);
            if (problem is not null)
            {
                problems.Add(reader.LineNumber, problem);
            }
        }

        problems.Finish();
    }

    private static Descriptor? OpenList(string path)
    {
        try
        {
            return RegularFile.OpenRead(path);
        }
        catch (ErrnoException error)
        {
            throw new SignatureListException(path, "the signature list cannot be opened", error);
        }
    }

    /// <summary>Takes off what editors put around a line: the mark of UTF-8, the CR of CRLF, blanks.</summary>
    private static ReadOnlySpan<byte> WithoutMargins(ReadOnlySpan<byte> line, long number)
    {
        ReadOnlySpan<byte> byteOrderMark = "\uFEFF"u8;
        if (number == 1 && line.StartsWith(byteOrderMark))
        {
            line = line[byteOrderMark.Length..];
        }

        return line.Trim(" \t\r"u8);
    }

    /// <returns>What is wrong with the line, or <c>null</c>.</returns>
    private string? AddLine(ReadOnlySpan<byte> line, string path)
    {
        if (line.IsEmpty || line[0] == (byte)'#')
        {
            return null;
        }

        Span<byte> digest = stackalloc byte[HashLine.MaxDigestLength];
        HashLine parsed = HashLine.Parse(line, digest);
        if (!parsed.IsSkipped)
        {
            AddEntry(parsed, path);
        }

        return parsed.Problem;
    }

    private void AddEntry(HashLine line, string path)
    {
        if (!_names.HasRoomFor(line.Name.Length))
        {
            const long mebibytes = NameStore.MaxBytes >> 20;
            throw new SignatureListException(path, $"with this list, signature names need more than {mebibytes} MiB");
        }

        int name = _names.Add(line.Name);
        switch (line.Digest.Length)
        {
            case 16:
                _md5.Add(new(MemoryMarshal.Read<Md5Digest>(line.Digest), line.Size, name));
                break;
            case 20:
                _sha1.Add(new(MemoryMarshal.Read<Sha1Digest>(line.Digest), line.Size, name));
                break;
            default:
                _sha256.Add(new(MemoryMarshal.Read<Sha256Digest>(line.Digest), line.Size, name));
                break;
        }
    }
}
