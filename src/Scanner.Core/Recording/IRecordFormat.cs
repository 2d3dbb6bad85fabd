namespace Scanner.Core.Recording;

/// <summary>Turns a record into one line.</summary>
public interface IRecordFormat
{
    /// <returns>The line's bytes, with the newline.</returns>
    byte[] Format(DecisionRecord record);
}
