using System.Runtime.InteropServices;

namespace Scanner.Linux;

/// <summary>A system call that failed: which one, on what, and why.</summary>
public sealed class ErrnoException : IOException
{
    private ErrnoException(string call, string? subject, Errno errno)
        : base(Describe(call, subject, errno))
    {
        Call = call;
        Subject = subject;
        Errno = errno;
        HResult = (int)errno;
    }

    /// <summary>The system call, by its name in the manual.</summary>
    public string Call { get; }

    /// <summary>The path, process or descriptor that the call was about; <c>null</c> where there is none.</summary>
    public string? Subject { get; }

    public Errno Errno { get; }

    /// <summary>The error of the calling thread's last P/Invoke. Call it before anything else can make one.</summary>
    public static ErrnoException Last(string call, string? subject = null) =>
        new(call, subject, (Errno)Marshal.GetLastPInvokeError());

    public static ErrnoException From(Errno errno, string call, string? subject = null) => new(call, subject, errno);

    private static string Describe(string call, string? subject, Errno errno)
    {
        string on = subject is null ? "" : $" {subject}";
        string name = Enum.IsDefined(errno) ? $"{errno}" : $"{(int)errno}";
        return $"{call}{on}: {Marshal.GetPInvokeErrorMessage((int)errno)} ({name})";
    }
}
