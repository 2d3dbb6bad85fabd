using System.Text.Json;
using Scanner.Core.Deciding;
using Scanner.Core.Policy;
using Scanner.Core.Scanning;
using Scanner.Journal;
using Scanner.Linux;
using Scanner.Linux.Fanotify;
using Scanner.Linux.Files;

namespace Scanner.Core.Recording;

/// <summary>Says what was decided. What it needs of the opener is read while the opener still waits.</summary>
internal sealed class Recorder(
    WatchOptions options, IRecordFormat format, IScanEngine engine, OutputWriter output, TimeProvider time)
{
    /// <summary>Whether a decision gets a line.</summary>
    public bool Wants(in Decision decision) => options.Verbose || decision.IsNotable;

    /// <summary>The line for a decision.</summary>
    /// <param name="slot">The event.</param>
    /// <param name="file">A descriptor of the file, or <c>null</c> if there is none any more.</param>
    /// <param name="program">The opener's program, or <c>null</c> if it could not be read.</param>
    /// <param name="decision">What was, or is about to be, answered.</param>
    public byte[] Describe(in Slot slot, ContentDescriptor? file, string? program, in Decision decision) =>
        format.Format(new DecisionRecord
        {
            Time = time.GetUtcNow(),
            IsAllowed = decision.Access == Access.Allow,
            Path = file is { } descriptor ? ReadPath(descriptor) : null,
            ProcessId = slot.Event.ProcessId,
            Executable = program,
            Operation = (slot.Event.Mask & EventMask.OpenExecPermission) != 0 ? "exec" : "open",
            Verdict = NameOf(decision.Verdict),
            Signature = decision.Verdict?.Signature,
            Reason = ReasonOf(decision),
            Engine = decision.Verdict?.StandIn ?? engine.Name,
            Duration = TimeSpan.FromMicroseconds((Clock.Now - slot.ReadAt) / 1000.0),
        });

    /// <summary>Says what was found in a file that was written, before anybody has opened it.</summary>
    public void Tell(ContentDescriptor file, in Decision decision, long nanoseconds) => output.TryWrite(
        format.Format(new DecisionRecord
        {
            Time = time.GetUtcNow(),
            IsAllowed = true,
            Path = ReadPath(file),
            ProcessId = 0,
            Executable = null,
            Operation = "write",
            Verdict = NameOf(decision.Verdict),
            Signature = decision.Verdict?.Signature,
            Reason = null,
            Engine = decision.Verdict?.StandIn ?? engine.Name,
            Duration = TimeSpan.FromMicroseconds(nanoseconds / 1000.0),
        }));

    private static byte[]? ReadPath(ContentDescriptor descriptor)
    {
        Span<byte> path = stackalloc byte[Coverage.MaxPathBytes];
        return descriptor.TryGetPath(path, out int length) == Errno.None ? path[..length].ToArray() : null;
    }

    private static string? NameOf(Verdict? verdict) => verdict?.Kind switch
    {
        null => null,
        VerdictKind.Clean => "clean",
        VerdictKind.Infected => "infected",
        _ => "not_scannable",
    };

    private static string? ReasonOf(in Decision decision)
    {
        string? name = decision.Reason != FailureReason.None ? decision.Reason.ToString()
            : decision.Answer != GateAnswer.Scan ? decision.Answer.ToString()
            : null;
        return name is null ? null : JsonNamingPolicy.SnakeCaseLower.ConvertName(name);
    }
}
