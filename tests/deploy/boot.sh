#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# boot.sh BUILD SOURCE WORK: the packages in a Debian that is booted by systemd, in name spaces of its own, and the service
# under the whole hardening of its unit: worker processes, their sandbox, reload, the watchdog, a start anew, the end.
source "$(dirname "$0")/common.sh"
need debootstrap unshare nsenter
as_root
base_root
root=$work/boot
machine=$work/machine
rm -rf "$root" "$machine"
cp -a "$work/base" "$root"
mkdir "$root/packages"
cp "$(package_file eddy)" "$root/packages/"
inside "$root" sh -euc '
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends -o APT::Sandbox::User=root systemd systemd-sysv curl jq procps \
    /packages/*.deb' >"$work/boot-install.log" 2>&1 || { tail -n 30 "$work/boot-install.log" >&2; fail "the package does not install"; }
# What a machine of its own would do and this one must not: consoles, devices, the journal's and the network's first steps.
for unit in systemd-udevd.service systemd-logind.service systemd-timesyncd.service systemd-networkd.service getty.target \
  console-getty.service systemd-remount-fs.service; do
  ln -sf /dev/null "$root/etc/systemd/system/$unit"
done
cp "$build/plugins/movies.so" "$build/test_plugins/copy.so" "$build/bad_plugins/segv/segv.so" \
  "$build/bad_plugins/sleeps/sleeps.so" "$build/bad_plugins/opens/opens.so" "$root/packages/"
cp "$source/tests/deploy/in_the_machine.sh" "$root/packages/"

groups=$(findmnt -n -t cgroup2 -o TARGET | head -n 1)
[ -n "$groups" ] || skip "no cgroup2 is mounted here, which systemd needs"
group=$groups/eddy-test-$$
mkdir "$group" 2>/dev/null || skip "$groups cannot be written to, which systemd needs"

# The first process of the machine: file systems as systemd expects them in a container, then systemd.
cat >"$work/init.sh" <<'INIT'
set -eu
root=$1
mount --make-rprivate /
mount --bind "$root" "$root"
cd "$root"
mount -t proc proc proc
mount -t sysfs -o ro sysfs sys
mount -t cgroup2 cgroup2 sys/fs/cgroup
mount -t tmpfs -o mode=755 tmpfs run
mount -t tmpfs -o mode=755 tmpfs dev
mkdir dev/shm dev/pts
for name in null zero full random urandom tty; do
  touch "dev/$name"
  mount --bind "/dev/$name" "dev/$name"
done
mount -t devpts -o newinstance,ptmxmode=0666 devpts dev/pts
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
touch dev/console
mount --bind "$2" dev/console
ip link set lo up 2>/dev/null || true
mount --move . /
exec chroot . /usr/bin/env -i container=eddy-test PATH=/usr/sbin:/usr/bin:/sbin:/bin /lib/systemd/systemd --system
INIT
: >"$work/console"
(
  echo $BASHPID >"$group/cgroup.procs"
  exec unshare --mount --pid --cgroup --net --ipc --uts --fork --kill-child bash "$work/init.sh" "$root" "$work/console"
) >"$work/init.log" 2>&1 &
starter=$!
# The first process is killed, and with it all of its name space; its control groups are empty then.
turn_off() {
  local init
  init=$(cat "/proc/$starter/task/$starter/children" 2>/dev/null || true)
  [ -z "$init" ] || kill -KILL $init 2>/dev/null || true
  wait "$starter" 2>/dev/null || true
  find "$group" -depth -type d -exec rmdir {} + 2>/dev/null || true
}
trap turn_off EXIT

# in_machine COMMAND...: in its name spaces, as root.
in_machine() {
  nsenter --target "$init" --mount --pid --cgroup --net --ipc --uts --root -- \
    /usr/bin/env -i -C / PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 "$@"
}
end=$((SECONDS + 300))
while [ "$SECONDS" -lt "$end" ]; do
  init=$(cat "/proc/$starter/task/$starter/children" 2>/dev/null || true)
  init=${init// /}
  # Before it has its own root it would speak of this machine's systemd.
  [ -n "$init" ] && in_machine test -e /packages/in_the_machine.sh 2>/dev/null &&
    state=$(in_machine systemctl is-system-running 2>/dev/null || true)
  case "${state:-}" in running | degraded) break ;; esac
  kill -0 "$starter" 2>/dev/null || { cat "$work/init.log" >&2; skip "systemd does not start in name spaces here"; }
  sleep 0.1
done
case "${state:-}" in running | degraded) ;; *) cat "$work/init.log" "$work/console" >&2; fail "systemd is ${state:-not there} after five minutes" ;; esac
in_machine bash /packages/in_the_machine.sh 2>&1 | tee "$work/machine.log" || {
  in_machine journalctl --no-pager -u eddy -n 80 >&2 || true
  in_machine systemctl status --no-pager eddy >&2 || true
  fail "in the machine, after: $(tail -n 2 "$work/machine.log" | tr '\n' ' ')"
}
turn_off
trap - EXIT
rm -rf "$root"
