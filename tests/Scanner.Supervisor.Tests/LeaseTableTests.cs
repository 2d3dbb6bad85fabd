using Scanner.Linux;
using Scanner.Linux.Files;
using Scanner.Linux.Sockets;

namespace Scanner.Supervisor.Tests;

public sealed class LeaseTableTests
{
    private const int Capacity = 50;

    [Fact(Timeout = 10_000)]
    public Task GivenManyLeases_WhenTheyComeAndGo_ThenTheTableIsAsASlowOneWouldBe()
    {
        PassedFile[] files = Files(Capacity * 2);
        LeaseTable table = new(Capacity);
        List<KeptLease> expected = [];
        Random random = new(1);
        for (int step = 0; step < 20_000; step++)
        {
            int at = random.Next(files.Length);
            KeptLease lease = new(files[at], at % 3, 7, (ulong)at, step);
            int index = table.Find(lease.File);
            Assert.Equal(index, table.Find(lease.Group, 7, lease.Inode));
            Assert.Equal(index == LeaseTable.None, !expected.Exists(kept => kept.File == lease.File));
            if (index != LeaseTable.None)
            {
                table.Remove(index);
                expected.RemoveAll(kept => kept.File == lease.File);
            }
            else if (table.Room > 0)
            {
                Assert.Equal(lease, table[table.Add(lease)]);
                expected.Add(lease);
            }

            Assert.Equal((expected.Count, Capacity - expected.Count), (table.Count, table.Room));
            Assert.Equal(expected, InOrder(table));
        }

        Array.ForEach(files, file => file.Close());
        return Task.CompletedTask;
    }

    [Fact(Timeout = 10_000)]
    public Task GivenAFullTable_WhenLeasesComeAndGo_ThenNothingIsAllocated()
    {
        PassedFile[] files = Files(Capacity);
        LeaseTable table = new(Capacity);
        for (int round = 0; round < 3; round++)
        {
            Fill();
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        Fill();

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        Array.ForEach(files, file => file.Close());
        return Task.CompletedTask;

        void Fill()
        {
            for (int at = 0; at < files.Length; at++)
            {
                table.Add(new KeptLease(files[at], 0, 7, (ulong)at, at));
            }

            while (table.Oldest != LeaseTable.None)
            {
                table.Remove(table.Oldest);
            }
        }
    }

    [Fact(Timeout = 5_000)]
    public Task GivenATableForNothing_WhenLookedAt_ThenItHasNoRoom()
    {
        LeaseTable table = new(0);

        Assert.Equal((0, 0, LeaseTable.None), (table.Count, table.Room, table.Oldest));
        return Task.CompletedTask;
    }

    private static List<KeptLease> InOrder(LeaseTable table)
    {
        List<KeptLease> leases = [];
        for (int index = table.Oldest; index != LeaseTable.None; index = table.After(index))
        {
            leases.Add(table[index]);
        }

        return leases;
    }

    /// <summary>Open files; which is no matter.</summary>
    private static PassedFile[] Files(int count)
    {
        (ControlSocket first, ControlSocket second) = ControlSocket.CreatePair();
        using ControlSocket sender = first;
        using ControlSocket receiver = second;
        PassedFile[] files = new PassedFile[count];
        for (int i = 0; i < count; i++)
        {
            Assert.Equal(Errno.None, sender.TrySend("file"u8, sender.Content));
            Assert.Equal(Errno.None, receiver.TryReceive(new byte[16], out _, out PassedFile? passed));
            files[i] = passed!.Value;
        }

        return files;
    }
}
