using Scanner.Core.Caching;
using Scanner.Core.Listening;
using Scanner.Core.Tests.Fixtures;
using Scanner.Testing;

namespace Scanner.Core.Tests.Listening;

/// <summary>What groups know of their file systems while these come and go.</summary>
[Collection(MarksCollection.Name)]
public sealed class GroupSetTests
{
    private const int PromptMilliseconds = 500;

    [Theory(Timeout = 60_000)]
    [InlineData("ext4")]
    [InlineData("btrfs")]
    public Task GivenAMountedImage_WhenItIsMountedAnew_ThenItsGroupKeepsNothingOfTheOldOne(
        string type) => Blocking.Run(() =>
    {
        using TestMount mount = TestMount.Create(type);
        using GroupBed bed = new(mount);
        CacheRule first = bed.Follow().Cache;

        Tool.Run("umount", mount.Root);
        mount.Attach();
        _ = bed.Groups.Reconcile();

        WatchedGroup group = Assert.Single(bed.Groups.Groups, group => !group.IsLeaving);
        Assert.Equal((VersionTrust.Version, VersionTrust.Version), (first.Trust, group.Cache.Trust));
        Assert.NotEqual(first.Identity, group.Cache.Identity);
        Assert.True(group.Fanotify.HasFilesystemMarks());
    });

    [Fact(Timeout = 60_000)]
    public Task GivenAnImageThatIsOpened_WhenTheMountsAreLookedAtAgain_ThenOnlyANewMountMakesItGood() => Blocking.Run(() =>
    {
        using TestMount mount = TestMount.Ext4();
        using GroupBed bed = new(mount);
        WatchedGroup group = bed.Follow();

        Tool.Run("head", "-c", "1", mount.Image);
        Assert.True(SpinWait.SpinUntil(() => group.Cache.Trust == VersionTrust.Content, PromptMilliseconds));
        Assert.Equal(VersionTrust.Content, bed.Follow().Cache.Trust);

        // Held by somebody, it is not mounted anew, but only under another name.
        ulong before = group.Cache.Identity;
        using (FileStream holder = new(mount.Write("held", "content"), FileMode.Open))
        {
            mount.Detach();
            Tool.Run("mount", $"/dev/{group.Plan.LoopDevices.Single().Name}", mount.Root);
            Assert.NotEqual(before, bed.Follow().Cache.Identity);
            Assert.Equal(VersionTrust.Content, group.Cache.Trust);
        }

        Tool.Run("umount", mount.Root);
        mount.Attach();
        _ = bed.Groups.Reconcile();
        Assert.Equal(
            VersionTrust.Version, Assert.Single(bed.Groups.Groups, found => !found.IsLeaving).Cache.Trust);
    });
}
