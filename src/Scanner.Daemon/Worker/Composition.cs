using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using Scanner.Core;
using Scanner.Core.Caching;
using Scanner.Core.Deciding;
using Scanner.Core.Listening;
using Scanner.Core.Policy;
using Scanner.Core.Recording;
using Scanner.Core.Scanning;
using Scanner.Journal;
using Scanner.Linux;
using Scanner.Linux.Mounts;
using Scanner.Linux.Sleep;
using Scanner.Linux.Sockets;

namespace Scanner.Daemon.Worker;

/// <summary>The only place that wires the rooms together.</summary>
internal static class Composition
{
    public static IHost Build(WatchOptions options, EventJournal journal, DescriptorPlan plan)
    {
        HostApplicationBuilder builder = new(new HostApplicationBuilderSettings
        {
            ApplicationName = "scannerd",
            ContentRootPath = "/",
            DisableDefaults = true,
        });
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = new DeadlineRule(options.Deadline).StopLimit);
        builder.Services.Configure<ConsoleLifetimeOptions>(console => console.SuppressStatusMessages = true);
        AddLogging(builder.Logging);
        AddRooms(builder.Services, options, journal, plan);
        return builder.Build();
    }

    private static void AddLogging(ILoggingBuilder logging)
    {
        logging.SetMinimumLevel(LogLevel.Information);
        logging.AddFilter("Microsoft", LogLevel.Warning);

        // A start that fails is told in words, once, by WorkerProcess.
        logging.AddFilter("Microsoft.Extensions.Hosting", LogLevel.None);
        logging.AddSimpleConsole(console => console.SingleLine = true);
        logging.Services.Configure<ConsoleLoggerOptions>(console =>
        {
            // Standard output is for records. A sink that is stuck must not hold whoever logs.
            console.LogToStandardErrorThreshold = LogLevel.Trace;
            console.QueueFullMode = ConsoleLoggerQueueFullMode.DropWrite;
        });
    }

    /// <summary>The rooms know one engine: what is known already, and behind it the one that scans.</summary>
    private static void AddCaches(IServiceCollection services, WatchOptions options)
    {
        const string scanning = "scanning";
        services.AddKeyedSingleton(scanning, (provider, _) => EngineFactory.Create(provider));
        services.AddSingleton(provider => StoreFactory.Open(
            provider, provider.GetRequiredKeyedService<IScanEngine>(scanning).Concurrency));
        services.AddSingleton(provider => new KnownVerdicts(
            provider.GetRequiredKeyedService<IScanEngine>(scanning),
            provider.GetRequiredService<IVerdictStore>(),
            isOn: options.Cache != CacheKind.None));
        services.AddSingleton(provider => new KnownContents(
            provider.GetRequiredKeyedService<IScanEngine>(scanning),
            provider.GetRequiredService<KnownVerdicts>(),
            provider.GetRequiredService<IVerdictStore>()));
        services.AddSingleton<IScanEngine>(provider => provider.GetRequiredService<KnownContents>());
    }

    private static void AddRooms(
        IServiceCollection services, WatchOptions options, EventJournal journal, DescriptorPlan plan)
    {
        services.AddSingleton(options).AddSingleton(journal).AddSingleton(TimeProvider.System);
        services.AddSingleton(typeof(DescriptorPlan), plan);
        services.AddSingleton(new FaultPlan(options.Faults));
        AddCaches(services, options);

        // Recording.
        services.AddSingleton(provider => new OutputWriter(
            new StandardOutput(), provider.GetRequiredService<IRecordFormat>()));
        services.AddSingleton<IRecordFormat>(_ => options.Json ? new JsonRecordFormat() : new TextRecordFormat());
        services.AddSingleton<Recorder>().AddSingleton<CounterReport>().AddSingleton<Announcer>();

        // Scanning and deciding.
        services.AddSingleton<ProcessLooks>().AddSingleton<SubjectUsers>().AddSingleton<ScanScheduler>();
        services.AddSingleton<Gate>().AddSingleton<WaitingEvents>();
        services.AddSingleton<DecisionTools>().AddSingleton<EventDecider>().AddSingleton<DelayedReplies>();
        services.AddSingleton<AfterWrite>();
        services.AddSingleton<WriteShortcut>();

        // Listening.
        services.AddSingleton(_ => new HostMounts(
            new MountTable(Descriptor.Inherited(plan.HostMountTable)), Descriptor.Inherited(plan.HostRoot)));
        services.AddSingleton(_ => new PrivateMounts(MountTable.OpenOwn(), Descriptor.OpenPath("/")));
        services.AddSingleton(_ => new SupervisorLink(ControlSocket.Adopt(plan.Control), plan));
        services.AddSingleton(provider => new LeaseOffers(
            journal,
            provider.GetRequiredService<KnownVerdicts>(),
            options,
            ControlSocket.Adopt(plan.Leases),
            provider.GetRequiredService<PrivateMounts>()));
        services.AddSingleton<SlotPool>().AddSingleton<ListeningCounters>().AddSingleton<Replacements>();
        services.AddSingleton<KernelMarks>();
        services.AddSingleton<ListeningTools>();
        services.AddSingleton(provider => new CacheRules(
            provider.GetRequiredService<HostMounts>(), provider.GetRequiredService<BlockDevices>()));
        services.AddSingleton(new BlockDevices("/sys")).AddSingleton<BackingFiles>();
        services.AddSingleton<MountPlanner>().AddSingleton<GroupSet>();

        // Started in this order, stopped in the opposite one: whoever asks goes first, whoever prints goes last.
        services.AddHostedService(provider => provider.GetRequiredService<OutputWriter>());
        services.AddHostedService<DecidingService>();
        services.AddHostedService<ListeningService>();
        services.AddSingleton<Func<ISleepNotices>>(LoginManager.Connect);
        services.AddHostedService<SleepService>();
    }
}
