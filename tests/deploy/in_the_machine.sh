#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Run by boot.sh inside of the booted machine.
set -euo pipefail

fail() { echo "FAILED: $*" >&2; exit 1; }

# wait_for WHAT COMMAND...: until it succeeds, for three minutes. Other tests may run beside this machine.
wait_for() {
  local what=$1 end=$((SECONDS + 180))
  shift
  while [ "$SECONDS" -lt "$end" ]; do
    "$@" && return
    sleep 0.1
  done
  fail "$what: not within three minutes"
}
property() { systemctl show eddy --property "$1" --value; }
# With what ${NAMES} of the configuration stand for, which root alone can read.
as_eddy() { (set -a && . /etc/eddy/eddy.env && runuser -u eddy -- eddy "$@"); }
drop() {
  install -m 755 "/packages/$1" "/var/lib/eddy/plugins.d/.$1.new"
  mv "/var/lib/eddy/plugins.d/.$1.new" "/var/lib/eddy/plugins.d/$1"
}
ready() { curl -sf http://127.0.0.1:5001/readyz >/dev/null; }
# Not grep -q, which ends before it has read all: its writer fails then, and with it the pipe.
loaded() {
  curl -s http://127.0.0.1:5001/metrics |
    grep "^eddy_plugin_loads_total{.*plugin=\"$1\".*result=\"loaded\"\|^eddy_plugin_loads_total{.*result=\"loaded\".*plugin=\"$1\"" >/dev/null
}
says() { systemctl show eddy --property StatusText --value | grep "$1" >/dev/null; }
ended() { as_eddy ls --json | jq -e --arg function "$1" --argjson count "$2" \
  '.functions[] | select(.function == $function) | .delivered + .filtered + .dead_lettered >= $count and .lag == 0' >/dev/null; }
again() { [ "$(property NRestarts)" = "$1" ] && [ "$(property ActiveState)" = active ]; }

[ "$(systemctl is-enabled eddy || true)" = disabled ] || fail "the installation has enabled the service"
[ "$(property ActiveState)" = inactive ] || fail "the installation has started the service"

cat >/etc/eddy/eddy.env <<'ENV'
SET_TIMEOUT=10000
ENV
chmod 600 /etc/eddy/eddy.env
cat >>/etc/eddy/eddy.yaml <<'YAML'
functions:
  "to_release": { isolation: process }
  "bad_*": { isolation: process, timeout_ms: "${SET_TIMEOUT}" }
YAML
drop movies.so
drop copy.so
systemctl enable --now eddy
[ "$(property ActiveState)" = active ] || fail "systemctl start came back without a ready service"
wait_for "readiness" ready
wait_for "the status line" says '2 plugins'
echo "ok: started, $(property StatusText)"

# A sandboxed worker process inherits what the unit allows: its own seccomp and Landlock must still go in.
pid=$(property MainPID)
as_eddy put movies /usr/share/doc/eddy/examples/demo/movies.ndjson >/dev/null
wait_for "the films" ended to_release 3201
worker=$(pgrep -x -o "eddy:to_release") || fail "no worker process"
grep -q '^Seccomp:.2' "/proc/$worker/status" || fail "the worker has no filter"
[ "$(awk '/^Seccomp_filters/ {print $2}' "/proc/$worker/status")" -gt "$(awk '/^Seccomp_filters/ {print $2}' "/proc/$pid/status")" ] ||
  fail "the worker has no filter of its own"
grep -q '^NoNewPrivs:.1' "/proc/$worker/status" || fail "the worker may get privileges"
! journalctl -u eddy | grep -i landlock || fail "no Landlock under the unit"
echo "ok: 3,201 films, in a sandboxed worker process with $(awk '/^Seccomp_filters/ {print $2}' "/proc/$worker/status") filters"

# Faults in a worker process, in a thread, and one that taints: the service never ends, and keeps its process.
drop segv.so
wait_for "segv is loaded" loaded bad_segv
printf 'a\nbad\nb\n' | as_eddy put bad_segv_in >/dev/null
wait_for "the fault" ended bad_segv 3
sed -i 's/isolation: process, timeout_ms/isolation: thread, timeout_ms/' /etc/eddy/eddy.yaml
systemctl reload eddy
# It only sends the signal: until the file is taken, what sleeps would do so in a worker process, and taint nothing.
wait_for "the reload" sh -c 'journalctl -u eddy | grep -q "reloaded from"'
drop sleeps.so
wait_for "sleeps is loaded" loaded bad_sleeps
printf 'a\nbad\nb\n' | as_eddy put bad_sleeps_in >/dev/null
wait_for "the hang" ended bad_sleeps 3
wait_for "a start anew" sh -c 'journalctl -u eddy | grep -q "has tainted this process"'
# Until then readiness is the old one's, and the service is reloading.
wait_for "running again" sh -c '[ "$(journalctl -u eddy | grep -c "host: running;")" = 2 ]'
wait_for "an active service" again 0
wait_for "readiness after it" ready
[ "$(property MainPID)" = "$pid" ] || fail "systemd has seen an end: $(property MainPID), $(property NRestarts)"
leftovers() { [ "$(pgrep -c -P "$pid" -x 'eddy:zygote')" = 1 ]; }
wait_for "one zygote, none left from before" leftovers
echo "ok: a fault in a worker process; a tainted host that executed itself again, still process $pid"

# The files that the service may change are its data alone.
for path in /var/lib/eddy/plugins.d /etc/eddy /usr/bin /tmp; do
  nsenter --target "$pid" --mount --root -- runuser -u eddy -- test -w "$path" 2>/dev/null && [ "$path" != /tmp ] && fail "$path is writable"
done
nsenter --target "$pid" --mount -- test ! -e /tmp/of-the-machine || fail "/tmp is shared"

# A control thread that hangs: systemd kills and starts anew, and nothing is lost. It waits for a word of a pipe that
# this shell has open and never writes to; once it does, the good file is back, before any new process looks for it.
mkdir -p /run/systemd/system/eddy.service.d
printf '[Service]\nWatchdogSec=60s\n' >/run/systemd/system/eddy.service.d/watchdog.conf
echo 'watch_config: false' >>/etc/eddy/eddy.yaml  # else another thread reads the pipe as well
systemctl daemon-reload
systemctl restart eddy
wait_for "readiness" ready
hung=$(property MainPID)
cp -p /etc/eddy/eddy.yaml /etc/eddy/kept.yaml
rm /etc/eddy/eddy.yaml
mkfifo /etc/eddy/eddy.yaml
exec 3<>/etc/eddy/eddy.yaml
reads_the_pipe() { find -L "/proc/$hung/fd" -maxdepth 1 -samefile /etc/eddy/eddy.yaml 2>/dev/null | grep . >/dev/null; }
systemctl kill --signal HUP --kill-who main eddy
wait_for "the hang" reads_the_pipe
mv -f /etc/eddy/kept.yaml /etc/eddy/eddy.yaml
wait_for "the watchdog" sh -c 'journalctl -u eddy | grep -q "Watchdog timeout"'
exec 3>&-
wait_for "a new process" again 1
wait_for "readiness" ready
printf '1\n2\n' | as_eddy put copy_in >/dev/null
wait_for "records after it" ended copy 2
echo "ok: the watchdog has fired, and the service is back"

# kill -9, a wrong configuration (which is not started again), and the orderly end.
systemctl kill --signal KILL --kill-who main eddy
wait_for "a new process" again 2
cp -p /etc/eddy/eddy.yaml /etc/eddy/kept.yaml
echo 'nonsense: 1' >>/etc/eddy/eddy.yaml
! systemctl restart eddy 2>/dev/null || fail "it starts with a wrong configuration"
[ "$(property ActiveState) $(property ExecMainStatus) $(property NRestarts)" = "failed 78 0" ] ||
  fail "after a wrong configuration: $(property ActiveState) $(property ExecMainStatus) $(property NRestarts)"
mv /etc/eddy/kept.yaml /etc/eddy/eddy.yaml
systemctl start eddy
systemctl stop eddy
[ "$(property ActiveState) $(property Result)" = "inactive success" ] || fail "the end: $(property ActiveState) $(property Result)"
# What was killed may still have to be reaped.
nothing_left() { ! pgrep -f 'eddy:' >/dev/null; }
wait_for "the end of all of it" nothing_left
echo "ok: killed, misconfigured, stopped"

# An upgrade restarts what runs, a removal stops it.
systemctl start eddy
before=$(property MainPID)
dpkg --install /packages/eddy_*.deb >/dev/null

[ "$(property MainPID)" = "$before" ] || fail "policy-rc.d forbids a restart, and it was restarted"
rm /usr/sbin/policy-rc.d
dpkg --install /packages/eddy_*.deb >/dev/null
[ "$(property ActiveState)" = active ] && [ "$(property MainPID)" != "$before" ] || fail "the upgrade has not restarted the host"
dpkg --remove eddy >/dev/null
host_gone() { ! pgrep -x eddy >/dev/null; }
wait_for "the end of the host after its removal" host_gone
echo "ok: upgraded and removed"
