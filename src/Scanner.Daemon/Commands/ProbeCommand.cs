using System.CommandLine;
using Scanner.Linux.Probing;

namespace Scanner.Daemon.Commands;

/// <summary><c>scannerd probe</c></summary>
internal static class ProbeCommand
{
    public static Command Create()
    {
        Command command = new("probe", "Print what this kernel and these privileges offer, and what each lack costs.");
        command.SetAction(_ => Run());
        return command;
    }

    private static int Run()
    {
        IReadOnlyList<Finding> findings = SystemProbe.Run();
        int width = findings.Max(finding => finding.Name.Length);
        foreach (Finding finding in findings)
        {
            string status = finding.Status.ToString().ToLowerInvariant();
            Console.WriteLine($"{finding.Name.PadRight(width)}  {status,-9}  {finding.Value}");
            if (finding.Status != FindingStatus.Available)
            {
                Console.WriteLine($"{"".PadRight(width)}  {finding.Consequence}");
            }
        }

        if (findings.Any(finding => finding.IsFatal))
        {
            Console.Error.WriteLine("scannerd: cannot protect anything here; see the lines marked missing");
            return ExitCode.NotSupported;
        }

        return ExitCode.Success;
    }
}
