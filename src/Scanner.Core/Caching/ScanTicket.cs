using Scanner.Core.Scanning;

namespace Scanner.Core.Caching;

/// <summary>What was so when a scan began, and must still be so for its verdict to be kept.</summary>
/// <param name="Epoch">The engine's signatures.</param>
/// <param name="Number">The epoch's number in the memory table.</param>
/// <param name="Stamp">Whether the file was forgotten since.</param>
internal readonly record struct ScanTicket(EngineEpoch Epoch, int Number, ForgetStamp Stamp);
