namespace Scanner.Supervisor;

/// <summary>How this program is started again in another role.</summary>
public static class ProgramImage
{
    /// <summary>The executable, and the arguments that give it a role.</summary>
    public static (string Program, List<string> Arguments) Command(params ReadOnlySpan<string> role)
    {
        string program = Environment.ProcessPath
            ?? throw new InvalidOperationException("The path of this program is unknown.");
        List<string> arguments = ["scannerd", .. role];
        if (Path.GetFileNameWithoutExtension(program) == "dotnet")
        {
            // Started as `dotnet scannerd.dll`: the executable is the runtime's host and wants the assembly first.
            arguments.Insert(1, Environment.GetCommandLineArgs()[0]);
        }

        return (program, arguments);
    }
}
