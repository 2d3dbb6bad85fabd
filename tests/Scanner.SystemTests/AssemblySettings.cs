using System.Runtime.Versioning;

[assembly: SupportedOSPlatform("linux")]

// Every class starts daemons and floods of openers and measures waiting times: one after the other.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
