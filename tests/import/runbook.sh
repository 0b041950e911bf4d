#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What deploy/RUNBOOK.md tells an operator to type works as it stands, and ends as it says.
source "$(dirname "$0")/common.sh"
export PATH=$(dirname "$eddy"):$PATH PKG_CONFIG_PATH=$prefix/lib/pkgconfig
for tool in eddy prometheus jq make; do command -v $tool >/dev/null || fail "$tool is not installed"; done
cd "$work"
umask 022

# Ports that nobody has, in place of those of the document: tests run beside each other.
read -r admin web < <(python3 -c '
import socket
held = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
print(*(one.getsockname()[1] for one in held))')
awk '/^```sh$/ { typed = 1; next } /^```/ { typed = 0 } typed' "$source/deploy/RUNBOOK.md" |
  sed "s/127\.0\.0\.1:5001/127.0.0.1:$admin/g; s/127\.0\.0\.1:9090/127.0.0.1:$web/g" >typed
sed -i "s|^make\$|sed -i s/127.0.0.1:5001/127.0.0.1:$admin/ eddy.yaml; make|" typed
[ "$(grep -c '^eddy dlq' typed)" -ge 6 ] || fail "the runbook's commands are not found in it"

trap 'kill $(jobs -p) 2>/dev/null || true' EXIT
timeout 600 bash typed >said 2>&1 || { cat said >&2; fail "the commands of the runbook end with $?"; }
says() { grep -qE -- "$1" said || { cat said >&2; fail "the runbook's commands do not say: $1"; }; }
for cause in '6000  std::invalid_argument' '3000  std::out_of_range' '1000  ValidationError'; do says "^[0-9a-f]{16} +$cause "; done
says '^9000 of 10000 letters would pass, 1000 still fail, 0 were not tried; nothing was written$'
says '  done  sent 9000 of 9000, recovered 9000, failed again 0$'
says '^ *9000 1$'
says '^shop_failed 1$'
says '^shop_failed  *0  *0  *0  *9000  *1000  *3 '
