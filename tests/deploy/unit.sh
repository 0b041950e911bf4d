#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# unit.sh BUILD SOURCE WORK: systemd reads the unit without a word, and says how open it leaves the machine.
source "$(dirname "$0")/common.sh"
need systemd-analyze
root=$work/unit
rm -rf "$root"
mkdir -p "$root"
dpkg-deb --extract "$(package_file eddy)" "$root"
# Units that ours is ordered by, and the program of its reload, as an installed system has them.
mkdir -p "$root/bin"
install -m 755 /bin/kill "$root/bin/kill"
cp -rn /lib/systemd/system/. "$root/lib/systemd/system/"
systemd-analyze verify --root="$root" --man=no "$root/lib/systemd/system/eddy.service" >"$work/verify" 2>&1 ||
  { cat "$work/verify" >&2; fail "systemd-analyze verify"; }
! grep -i eddy "$work/verify" || fail "systemd-analyze verify is not silent"
systemd-sysusers --root="$root" --dry-run "$root/usr/lib/sysusers.d/eddy.conf" 2>&1 | grep "user .eddy." >/dev/null || fail "sysusers.d"

# 10 is a service without any of it. A line that is lost counts a tenth or more.
systemd-analyze security --offline=true --root="$root" --threshold=20 --no-pager eddy.service >"$work/security" 2>&1 ||
  { cat "$work/security" >&2; fail "the unit leaves more open than it did"; }
tail -n 1 "$work/security"
