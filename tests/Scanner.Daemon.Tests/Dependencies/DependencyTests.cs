using System.Reflection;
using System.Text.RegularExpressions;

namespace Scanner.Daemon.Tests.Dependencies;

/// <summary>Dependencies go one way, and the kernel is faced in one place.</summary>
public sealed partial class DependencyTests
{
    [Fact(Timeout = 10_000)]
    public Task GivenEveryProject_WhenItsFileIsRead_ThenItDependsOnlyOnWhatItMay()
    {
        IReadOnlyList<ProjectFile> projects = [.. SourceTree.Projects().Select(ProjectFile.Read)];

        Assert.Equal(
            DependencyRule.All.Keys.Order(StringComparer.Ordinal),
            projects.Select(project => project.Name).Order(StringComparer.Ordinal));
        Assert.Empty(projects.SelectMany(project => DependencyRule.All[project.Name].ViolationsOf(project)));
        return Task.CompletedTask;
    }

    [Fact(Timeout = 10_000)]
    public Task GivenEveryAssembly_WhenItsReferencesAreRead_ThenTheyAreWhatTheProjectMayHave()
    {
        foreach (DependencyRule rule in DependencyRule.All.Values)
        {
            Assert.Empty(rule.ViolationsOf(Assembly.Load(rule.Assembly)));
        }

        return Task.CompletedTask;
    }

    [Fact(Timeout = 10_000)]
    public Task GivenEverySource_WhenItIsNotOfTheProjectThatFacesTheKernel_ThenItMakesNoNativeCall()
    {
        IEnumerable<string> found = SourceTree.Projects()
            .Where(project => !DependencyRule.All[Path.GetFileNameWithoutExtension(project)].FacesKernel)
            .SelectMany(SourceTree.SourcesOf)
            .SelectMany(NativeLines);

        Assert.Empty(found);
        return Task.CompletedTask;
    }

    [Theory(Timeout = 10_000)]
    [InlineData("""<ProjectReference Include="../Scanner.Core/Scanner.Core.csproj" />""", "Scanner.Core")]
    [InlineData("""<ProjectReference Include="..\Scanner.Daemon\Scanner.Daemon.csproj" />""", "Scanner.Daemon")]
    [InlineData("""<PackageReference Include="Polly.Core" />""", "Polly.Core")]
    [InlineData("""<FrameworkReference Include="Microsoft.AspNetCore.App" />""", "Microsoft.AspNetCore.App")]
    [InlineData("<AllowUnsafeBlocks>true</AllowUnsafeBlocks>", "AllowUnsafeBlocks")]
    public Task GivenAProjectWithAWrongDependency_WhenItIsRead_ThenTheDependencyIsNamed(string item, string name)
    {
        ProjectFile project = ProjectFile.Parse("Scanner.Supervisor", $"<Project><X>{item}</X></Project>");

        string violation = Assert.Single(DependencyRule.All["Scanner.Supervisor"].ViolationsOf(project));

        Assert.EndsWith(name, violation);
        return Task.CompletedTask;
    }

    [Fact(Timeout = 10_000)]
    public Task GivenAnAssemblyWithReferencesThatAnotherMayNotHave_WhenItIsRead_ThenTheyAreNamed()
    {
        IEnumerable<string> violations =
            DependencyRule.All["Scanner.Supervisor"].ViolationsOf(Assembly.Load("scannerd"));

        Assert.Contains("Scanner.Supervisor must not reference Scanner.Core", violations);
        Assert.Contains("Scanner.Supervisor must not reference System.CommandLine", violations);
        Assert.Contains(violations, violation => violation.Contains("Microsoft.Extensions."));
        return Task.CompletedTask;
    }

    [Theory(Timeout = 10_000)]
    [InlineData("[LibraryImport(\"libc\")]", true)]
    [InlineData("    [DllImport(\"libc\")]", true)]
    [InlineData("public unsafe void Write()", true)]
    [InlineData("/// <summary>Not unsafe.</summary>", false)]
    [InlineData("Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping", false)]
    public Task GivenALine_WhenItIsLookedAt_ThenANativeCallIsFound(string line, bool isNative)
    {
        Assert.Equal(isNative, IsNative(line));
        return Task.CompletedTask;
    }

    private static IEnumerable<string> NativeLines(string file) =>
        File.ReadLines(file).Where(IsNative).Select(line => $"{file}: {line.Trim()}");

    private static bool IsNative(string line) => !Comment().IsMatch(line) && Native().IsMatch(line);

    [GeneratedRegex(@"\b(DllImport|LibraryImport|NativeLibrary|unsafe)\b")]
    private static partial Regex Native();

    [GeneratedRegex(@"^\s*//")]
    private static partial Regex Comment();
}
