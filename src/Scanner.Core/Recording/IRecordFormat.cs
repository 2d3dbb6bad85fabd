namespace Scanner.Core.Recording;

/// <summary>Turns a record into one line.</summary>
public interface IRecordFormat
{
    /// <returns>The line's bytes, with the newline.</returns>
    byte[] Format(DecisionRecord record);

    /// <summary>Words that lines are missing because nobody read them in time.</summary>
    byte[] FormatDropped(long count);
}
