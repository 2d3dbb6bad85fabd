#!/usr/bin/env bash
# Installs what the tests need, builds everything, and runs all tests. Root, because the kernel asks only root.
#   tests/run.sh [arguments of dotnet test...]     for example: tests/run.sh --project tests/Scanner.Core.Tests
set -euo pipefail
cd "$(dirname "$(realpath "$0")")/.."
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 TESTINGPLATFORM_TELEMETRY_OPTOUT=1

if [ "$(id -u)" -ne 0 ]; then
    exec sudo --preserve-env=PATH,CI,DOTNET_ROOT,SCANNER_SOAK,SCANNER_SOAK_SEED "$(realpath "$0")" "$@"
fi

# command:package, for Debian and Ubuntu
needed=(gcc:gcc make:make mkfs.ext4:e2fsprogs mkfs.xfs:xfsprogs mkfs.btrfs:btrfs-progs losetup:mount
    prlimit:util-linux setfacl:acl clamd:clamav-daemon 7z:p7zip-full zip:zip dbus-daemon:dbus-daemon)
missing=()
for pair in "${needed[@]}"; do
    PATH=$PATH:/sbin:/usr/sbin command -v "${pair%%:*}" >/dev/null || missing+=("${pair##*:}")
done
[ -e /usr/include/stdio.h ] || missing+=(libc6-dev)
[ -e /usr/include/systemd/sd-bus.h ] || missing+=(libsystemd-dev)
[[ $(/sbin/ldconfig -p) == *libsqlite3.so.0* ]] || missing+=(libsqlite3-0)
[ -d /usr/share/clamav-testfiles ] || missing+=(clamav-testfiles)
if [ ${#missing[@]} -gt 0 ]; then
    echo "installing: ${missing[*]}"
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "${missing[@]}" >/dev/null
fi

make -s -C tests/native
dotnet build Scanner.sln -c Release -v quiet

# One test program at a time: the system tests measure how long an open waits.
log=$(mktemp)
trap 'rm -f "$log"' EXIT
status=0
dotnet test -c Release --no-build --max-parallel-test-modules 1 "$@" 2>&1 | tee "$log" || status=$?

# A run that tested nothing has not passed.
count() { sed -nE "s/^ *$1: ([0-9]+)\$/\1/p" "$log" | tail -n 1; }
passed=$(count succeeded) failed=$(count failed) skipped=$(count skipped)
[ "${passed:-0}" -gt 0 ] || status=1
echo "${passed:-0} passed, ${failed:-0} failed, ${skipped:-0} skipped"
exit "$status"
