namespace Scanner.Linux.Sleep;

/// <summary>systemd-logind, which has whoever asked for it delay a suspend (org.freedesktop.login1(5)).</summary>
/// <remarks>
/// A signal counts if logind itself sent it: the bus lets anybody send one. Another logind does not know of this one's
/// subscriber, so a new owner of its name counts as its end.
/// </remarks>
public sealed class LoginManager : ISleepNotices
{
    private const string Name = "org.freedesktop.login1";
    private const string Place = "/org/freedesktop/login1";
    private const string Manager = "org.freedesktop.login1.Manager";
    private const string Notice = "PrepareForSleep";
    private const string OwnerChanged = "NameOwnerChanged";

    private readonly SystemBus _bus;
    private string? _owner;

    private LoginManager(SystemBus bus)
    {
        _bus = bus;
        Arrivals = bus.CopyDescriptor();
    }

    public Descriptor Arrivals { get; }

    /// <summary>Connects to the bus. Some seconds at most.</summary>
    /// <exception cref="ErrnoException">There is no library, no bus, or it refuses.</exception>
    public static LoginManager Connect()
    {
        SystemBus bus = SystemBus.Open();
        try
        {
            bus.Subscribe($"type='signal',sender='{Name}',path='{Place}',interface='{Manager}',member='{Notice}'");
            bus.Subscribe(
                $"type='signal',sender='{SystemBus.BusName}',interface='{SystemBus.BusName}',member='{OwnerChanged}',"
                + $"arg0='{Name}'");
            return new LoginManager(bus);
        }
        catch
        {
            bus.Dispose();
            throw;
        }
    }

    public Descriptor Delay()
    {
        using BusMessage answer = _bus.Call(
            Name, Place, Manager, "Inhibit", "sleep", "scannerd", "Opens wait for an answer", "delay");
        _owner = answer.Sender;
        return answer.ReadDescriptor();
    }

    public bool? TryTake()
    {
        while (_bus.TryTake() is { } message)
        {
            using (message)
            {
                if (message.IsSignal(Manager, Notice) && message.Sender == _owner)
                {
                    return message.ReadBoolean();
                }

                if (message.IsSignal(SystemBus.BusName, OwnerChanged) && message.Sender == SystemBus.BusName)
                {
                    RequireOwner(message);
                }
            }
        }

        return null;
    }

    public void Dispose()
    {
        Arrivals.Dispose();
        _bus.Dispose();
    }

    private void RequireOwner(BusMessage message)
    {
        // The name, who had it, and who has it now. It may be told of after that one has answered.
        _ = message.ReadString();
        _ = message.ReadString();
        if (message.ReadString() != _owner)
        {
            throw ErrnoException.From(Errno.ECONNRESET, OwnerChanged, Name);
        }
    }
}
