namespace Scanner.Engines.Signatures;

/// <summary>Reports what is wrong with one list, a bounded number of lines and then how many more.</summary>
/// <param name="file">The list's path.</param>
/// <param name="report">Who is told; <c>null</c> if nobody.</param>
internal sealed class ProblemReport(string file, Action<SignatureProblem>? report)
{
    /// <summary>The lines of one list that are reported one by one.</summary>
    public const int MaxLines = 20;

    private long _count;
    private long _firstUnreported;

    public void Add(long line, string what)
    {
        _count++;
        if (_count <= MaxLines)
        {
            report?.Invoke(new SignatureProblem(file, line, what));
        }
        else if (_count == MaxLines + 1)
        {
            _firstUnreported = line;
        }
    }

    /// <summary>Reports how many lines were not reported, if any.</summary>
    public void Finish()
    {
        if (_count > MaxLines)
        {
            string what = $"{_count - MaxLines} malformed lines from here on are not reported one by one";
            report?.Invoke(new SignatureProblem(file, _firstUnreported, what));
        }
    }
}
