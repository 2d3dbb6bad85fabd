using System.Reflection;
using System.Runtime.InteropServices;

namespace Scanner.Linux;

/// <summary>Has a managed binding call the library that the distribution keeps up to date.</summary>
public static class SystemLibrary
{
    /// <summary>Makes the native calls of an assembly go to another library. Once for each assembly.</summary>
    /// <param name="binding">The assembly that declares the native calls.</param>
    /// <param name="name">The library's name as it is declared.</param>
    /// <param name="library">The file that the dynamic loader is to look for, with its version (ld.so(8)).</param>
    /// <exception cref="DllNotFoundException">Thrown by the first native call if there is no such library.</exception>
    public static void Redirect(Assembly binding, string name, string library) =>
        NativeLibrary.SetDllImportResolver(
            binding,
            (asked, assembly, search) => asked == name ? NativeLibrary.Load(library, assembly, search) : 0);
}
