using System.Globalization;
using System.Text;

namespace Scanner.Benchmarks.Work;

/// <summary>A made-up program in C, with a Makefile: sources, include files and objects are in one directory.</summary>
/// <remarks>Each time it is written, every file has something that no scanner has seen.</remarks>
internal sealed class Sources(string directory, int count)
{
    private const int Headers = 60;
    private const int HeadersOfASource = 40;
    private const int FunctionsOfAHeader = 12;
    private const int FunctionsOfASource = 30;

    private readonly Random _random = new();

    public string Place => directory;

    /// <summary>Compiles everything; the compiler's temporary files are on the watched file system, too.</summary>
    public IReadOnlyList<string> Make =>
    [
        "env", $"TMPDIR={directory}",
        "make", "--silent", "-C", directory, "-j", Text(Environment.ProcessorCount),
    ];

    /// <summary>Removes what was made.</summary>
    public IReadOnlyList<string> Clean => ["make", "--silent", "-C", directory, "clean"];

    /// <summary>Writes all of it. Nobody may be watching: this process would be asked about.</summary>
    public async Task WriteAsync(CancellationToken cancellation)
    {
        if (Directory.Exists(directory))
        {
            Directory.Delete(directory, recursive: true);
        }

        Directory.CreateDirectory(directory);
        for (int header = 0; header < Headers; header++)
        {
            await WriteAsync($"part{Text(header)}.h", Header(header), cancellation);
        }

        for (int source = 0; source < count; source++)
        {
            await WriteAsync($"file{Text(source)}.c", Source(source), cancellation);
        }

        await WriteAsync("Makefile", Makefile(), cancellation);
    }

    private Task WriteAsync(string name, string content, CancellationToken cancellation) =>
        File.WriteAllTextAsync(Path.Combine(directory, name), content, cancellation);

    private string Header(int header)
    {
        StringBuilder text = new($"#pragma once\n/* {Text(_random.NextInt64())} */\n");
        for (int i = 0; i < FunctionsOfAHeader; i++)
        {
            string name = $"part{Text(header)}_{Text(i)}";
            text.Append(
                CultureInfo.InvariantCulture,
                $$"""
                struct {{name}} { int count; double sum; const char *name; struct {{name}} *next; };
                static inline double {{name}}_mean(const struct {{name}} *list)
                {
                    double sum = 0;
                    int count = 0;
                    for (; list != 0; list = list->next) { sum += list->sum; count += list->count; }
                    return count == 0 ? 0 : sum / count;
                }

                """);
        }

        return text.ToString();
    }

    private string Source(int source)
    {
        StringBuilder text = new($"/* {Text(_random.NextInt64())} */\n");
        for (int i = 0; i < HeadersOfASource; i++)
        {
            text.Append(CultureInfo.InvariantCulture, $"#include \"part{(source + i) % Headers}.h\"\n");
        }

        for (int i = 0; i < FunctionsOfASource; i++)
        {
            int part = (source + i) % Headers;
            text.Append(
                CultureInfo.InvariantCulture,
                $$"""
                double work{{source}}_{{i}}(const struct part{{part}}_{{i % FunctionsOfAHeader}} *list, int rounds)
                {
                    double result = {{i}};
                    for (int i = 0; i < rounds; i++)
                        result += part{{part}}_{{i % FunctionsOfAHeader}}_mean(list) * i;
                    return result;
                }

                """);
        }

        return text.ToString();
    }

    private string Makefile()
    {
        string objects = string.Join(' ', Enumerable.Range(0, count).Select(i => $"file{Text(i)}.o"));
        return $"CFLAGS = -O1 -Wall -Werror -I.\nall: {objects}\nclean:\n\trm -f {objects}\n.PHONY: all clean\n";
    }

    private static string Text(IFormattable number) => number.ToString(null, CultureInfo.InvariantCulture);
}
