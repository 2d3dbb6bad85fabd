using System.Collections.Concurrent;
using Scanner.Core.Caching;

namespace Scanner.Stores.Sqlite;

/// <summary>Files whose rows are not to be believed any more, though they are still there.</summary>
/// <remarks>
/// A file is forgotten because it was written, and often opened within the time that a batch takes. What could not be
/// written stays here, so that it holds at least for the life of this process.
/// </remarks>
internal sealed class ForgottenFiles(int capacity)
{
    private readonly ConcurrentDictionary<FileIdentity, long> _numbers = new();
    private int _count;

    /// <param name="file">The file.</param>
    /// <param name="number">The forgetting's; a row written later counts again.</param>
    /// <returns><c>false</c> if there are too many.</returns>
    public bool TryAdd(FileIdentity file, long number)
    {
        if (Volatile.Read(ref _count) >= capacity && !_numbers.ContainsKey(file))
        {
            return false;
        }

        while (true)
        {
            if (_numbers.TryAdd(file, number))
            {
                Interlocked.Increment(ref _count);
                return true;
            }

            if (_numbers.TryGetValue(file, out long earlier)
                && (earlier >= number || _numbers.TryUpdate(file, number, earlier)))
            {
                return true;
            }
        }
    }

    public bool Contains(FileIdentity file) => Volatile.Read(ref _count) != 0 && _numbers.ContainsKey(file);

    /// <summary>An entry is written: the file's row counts again, unless it was forgotten since.</summary>
    public void Written(FileIdentity file, long number)
    {
        if (Volatile.Read(ref _count) != 0
            && _numbers.TryGetValue(file, out long forgotten)
            && forgotten <= number
            && _numbers.TryRemove(new KeyValuePair<FileIdentity, long>(file, forgotten)))
        {
            Interlocked.Decrement(ref _count);
        }
    }
}
