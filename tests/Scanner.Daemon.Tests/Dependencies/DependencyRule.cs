using System.Reflection;

namespace Scanner.Daemon.Tests.Dependencies;

/// <summary>What one project may depend on.</summary>
/// <param name="Assembly">The assembly that the project makes.</param>
/// <param name="Projects">Other projects of this repository.</param>
/// <param name="Packages">Packages.</param>
/// <param name="HasHost">Whether it may use the shared framework with the Generic Host, or only the runtime.</param>
/// <param name="FacesKernel">Whether system calls and unsafe code live in it.</param>
internal sealed record DependencyRule(
    string Assembly,
    IReadOnlyList<string> Projects,
    IReadOnlyList<string> Packages,
    bool HasHost = false,
    bool FacesKernel = false)
{
    private const string HostFramework = "Microsoft.AspNetCore.App";

    /// <summary>
    /// One way: Linux, Journal, Supervisor; and Linux, Journal, Core, then Engines or Stores; the daemon sees all.
    /// </summary>
    public static IReadOnlyDictionary<string, DependencyRule> All { get; } = new Dictionary<string, DependencyRule>
    {
        ["Scanner.Linux"] = new("Scanner.Linux", [], [], FacesKernel: true),
        ["Scanner.Journal"] = new("Scanner.Journal", ["Scanner.Linux"], []),
        ["Scanner.Supervisor"] = new("Scanner.Supervisor", ["Scanner.Linux", "Scanner.Journal"], []),
        ["Scanner.Core"] = new("Scanner.Core", ["Scanner.Linux", "Scanner.Journal"], [], HasHost: true),
        ["Scanner.Engines"] =
            new("Scanner.Engines", ["Scanner.Linux", "Scanner.Journal", "Scanner.Core"], ["Polly.Core"], HasHost: true),
        ["Scanner.Stores"] = new(
            "Scanner.Stores",
            ["Scanner.Linux", "Scanner.Journal", "Scanner.Core"],
            ["SQLitePCLRaw.core", "SQLitePCLRaw.provider.e_sqlite3"],
            HasHost: true),
        ["Scanner.Daemon"] = new(
            "scannerd",
            [
                "Scanner.Linux", "Scanner.Journal", "Scanner.Supervisor", "Scanner.Core", "Scanner.Engines",
                "Scanner.Stores",
            ],
            ["System.CommandLine"],
            HasHost: true),
    };

    /// <summary>What a project file has that it must not have.</summary>
    public IEnumerable<string> ViolationsOf(ProjectFile project)
    {
        List<string> wrong =
        [
            .. project.Projects.Except(Projects),
            .. project.Packages.Except(Packages),
            .. project.Frameworks.Where(framework => !HasHost || framework != HostFramework),
        ];
        if (project.AllowsUnsafeCode && !FacesKernel)
        {
            wrong.Add("AllowUnsafeBlocks");
        }

        return wrong.Select(what => $"{project.Name} must not have {what}");
    }

    /// <summary>What a compiled assembly references that it must not reference.</summary>
    public IEnumerable<string> ViolationsOf(Assembly assembly) =>
        assembly.GetReferencedAssemblies()
            .Select(reference => reference.Name!)
            .Where(name => !IsAllowed(name))
            .Select(name => $"{Assembly} must not reference {name}");

    private bool IsAllowed(string name) =>
        Projects.Contains(name)
        || Packages.Contains(name)
        || (!IsOurs(name) && !IsPackage(name) && (HasHost || !IsOfHost(name)));

    private static bool IsOurs(string name) => All.Values.Any(rule => rule.Assembly == name);

    private static bool IsOfHost(string name) =>
        name.StartsWith("Microsoft.Extensions.", StringComparison.Ordinal)
        || name.StartsWith("Microsoft.AspNetCore.", StringComparison.Ordinal);

    /// <summary>A package's assemblies are copied to where the program is; the framework's are not.</summary>
    private static bool IsPackage(string name) => File.Exists(Path.Combine(AppContext.BaseDirectory, name + ".dll"));
}
