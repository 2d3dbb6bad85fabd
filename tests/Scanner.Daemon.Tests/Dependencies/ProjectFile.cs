using System.Xml.Linq;

namespace Scanner.Daemon.Tests.Dependencies;

/// <summary>What a project file says that the project depends on.</summary>
internal sealed record ProjectFile(
    string Name,
    IReadOnlyList<string> Projects,
    IReadOnlyList<string> Packages,
    IReadOnlyList<string> Frameworks,
    bool AllowsUnsafeCode)
{
    public static ProjectFile Read(string path) =>
        Parse(Path.GetFileNameWithoutExtension(path), File.ReadAllText(path));

    public static ProjectFile Parse(string name, string xml)
    {
        XDocument document = XDocument.Parse(xml);
        return new ProjectFile(
            name,
            [.. Includes("ProjectReference").Select(NameOf)],
            Includes("PackageReference"),
            Includes("FrameworkReference"),
            document.Descendants().Any(element => element.Name.LocalName == "AllowUnsafeBlocks"));

        static string NameOf(string include) => Path.GetFileNameWithoutExtension(include.Replace('\\', '/'));

        List<string> Includes(string item) =>
            [.. document.Descendants()
                .Where(element => element.Name.LocalName == item)
                .Select(element => (string?)element.Attribute("Include") ?? "")];
    }
}
