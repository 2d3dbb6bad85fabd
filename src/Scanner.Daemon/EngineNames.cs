using System.Diagnostics.CodeAnalysis;
using Scanner.Core.Policy;
using Scanner.Engines.Clamd;

namespace Scanner.Daemon;

/// <summary>Engines as the command line names them, and the one that is used when it names none.</summary>
internal static class EngineNames
{
    /// <summary>What may be written, for help and errors.</summary>
    public const string Forms = "clamd:SOCKET, signatures, or signatures:DIR";

    public static bool TryParse(string? text, [NotNullWhen(true)] out EngineChoice? choice)
    {
        const string why = "as asked for";
        choice = (text ?? "").Split(':', 2) switch
        {
            ["signatures"] => new EngineChoice(EngineKind.Signatures, null, why),
            ["signatures", { Length: > 0 } directory] =>
                new EngineChoice(EngineKind.Signatures, Path.GetFullPath(directory), why),
            ["clamd", { Length: > 0 } socket] => new EngineChoice(EngineKind.Clamd, Path.GetFullPath(socket), why),
            _ => null,
        };
        return choice is not null;
    }

    /// <summary>A clamd that answers at one of the usual places, else the built-in engine.</summary>
    public static EngineChoice Choose() =>
        ClamdSockets.TryFindReachable() is { } socket
            ? new EngineChoice(EngineKind.Clamd, socket, "found there")
            : new EngineChoice(EngineKind.Signatures, null, "no clamd answers at the usual sockets");
}
