namespace Scanner.SystemTests.Access;

/// <summary>The paths that one access works with.</summary>
/// <param name="Mount">The watched file system's mount point.</param>
/// <param name="Directory">A directory of this case's own on it.</param>
/// <param name="File">The sample in that directory, in the opener's notation.</param>
/// <param name="Source">The same content in a file that is not watched.</param>
/// <param name="Place">An empty directory that is not watched, to mount something over.</param>
internal sealed record AccessCase(string Mount, string Directory, string File, string Source, string Place)
{
    public string In(string name) => Path.Combine(Directory, name);

    /// <summary>The sample's path as seen from another mount of the watched file system's root.</summary>
    public string FileBelow(string point) => Path.Combine(point, Path.GetRelativePath(Mount, File));
}
