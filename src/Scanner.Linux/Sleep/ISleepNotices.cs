namespace Scanner.Linux.Sleep;

/// <summary>Who knows when the system goes to sleep, and lets it wait for a moment. One thread only.</summary>
public interface ISleepNotices : IDisposable
{
    /// <summary>Has something to read when there may be a notice.</summary>
    Descriptor Arrivals { get; }

    /// <summary>Keeps the system awake until what is returned is closed, or the host's limit is reached.</summary>
    /// <exception cref="ErrnoException">That is not to be had, at present or at all.</exception>
    Descriptor Delay();

    /// <summary>Takes the next notice.</summary>
    /// <returns><c>true</c>: about to sleep; <c>false</c>: awake again; <c>null</c>: no notice at present.</returns>
    /// <exception cref="ErrnoException">Whoever knew has gone.</exception>
    bool? TryTake();
}
