using Scanner.Linux;
using Scanner.Linux.Files;

namespace Scanner.Supervisor;

/// <summary>Closes files for a thread that must not wait.</summary>
/// <remarks>
/// Whoever closes a file last that has no name any more frees its blocks, which takes seconds for a large one. Those
/// are left to a thread of its own, through a ring with one writer and one reader.
/// </remarks>
internal sealed class FileCloser : IDisposable
{
    /// <summary>
    /// More than this process has descriptors (<see cref="Journal.DescriptorPlan"/>), so it is never full.
    /// </summary>
    private const int Capacity = 32_768;

    private static readonly TimeSpan s_closingTime = TimeSpan.FromMilliseconds(500);

    private readonly PassedFile[] _files = new PassedFile[Capacity];
    private readonly EventCounter _word = EventCounter.CreateFlag();
    private readonly Thread _thread;
    private uint _added;
    private uint _closed;
    private volatile bool _isStopping;

    public FileCloser()
    {
        _thread = new Thread(Run, maxStackSize: 256 * 1024) { Name = "closing files", IsBackground = true };
        _thread.Start();
    }

    /// <summary>Gives a lease back and closes its file, now or soon. One thread only.</summary>
    /// <remarks>
    /// In two steps: the open file may have another descriptor for a moment, the worker's, or that of a child that
    /// is just being started.
    /// </remarks>
    /// <returns>When the lease was given back.</returns>
    public long GiveBack(PassedFile file)
    {
        _ = ReadLease.Release(file.Content);
        long now = Clock.Now;
        Close(file);
        return now;
    }

    public void Dispose()
    {
        _isStopping = true;
        _word.Post();
        if (_thread.Join(s_closingTime))
        {
            _word.Dispose();
        }
    }

    private void Close(PassedFile file)
    {
        if (file.HasName)
        {
            file.Close();
            return;
        }

        _files[_added % Capacity] = file;
        Volatile.Write(ref _added, _added + 1);
        _word.Post();
    }

    private void Run()
    {
        while (!_isStopping)
        {
            _word.Take();
            while (_closed != Volatile.Read(ref _added))
            {
                _files[_closed % Capacity].Close();
                Volatile.Write(ref _closed, _closed + 1);
            }
        }
    }
}
