#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# root.sh BUILD SOURCE WORK: the packages install into an empty Debian, the films demo runs there, and they go again.
source "$(dirname "$0")/common.sh"
need debootstrap
as_root
base_root
root=$work/root
rm -rf "$root"
cp -a "$work/base" "$root"
mkdir "$root/packages"
cp "$(package_file eddy)" "$(package_file eddy-dev)" "$root/packages/"

install=(apt-get install -y -qq --no-install-recommends -o APT::Sandbox::User=root)
compiler=()
# With a compiler the root is three times as large: then the plugin is built there from the package's own example.
[ -n "${EDDY_LONG:-}" ] && compiler=(g++ pkg-config nlohmann-json3-dev)
inside "$root" sh -euc '
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends systemd-standalone-sysusers "$@" /packages/*.deb' sh "${compiler[@]}" \
  >"$work/install.log" 2>&1 || { tail -n 30 "$work/install.log" >&2; fail "the packages do not install"; }

inside "$root" sh -euc '
  id eddy
  test "$(stat -c "%U:%G %a" /var/lib/eddy /var/lib/eddy/plugins.d /var/lib/eddy/data)" = "root:root 755
root:root 755
eddy:eddy 750"
  ! ls /etc/systemd/system/*.wants/eddy.service 2>/dev/null
  eddy --version
  zcat /usr/share/man/man1/eddy.1.gz | grep -q "eddy run"
  setpriv --reuid eddy --regid eddy --clear-groups -- eddy check --offline' || fail "what was installed"

if [ -n "${EDDY_LONG:-}" ]; then
  inside "$root" sh -euc 'cd /usr/share/doc/eddy-dev/examples/movies
    g++ -std=c++20 -O2 -shared -fPIC *.cpp -o /packages/movies.so $(pkg-config --cflags --libs eddy)'
else
  cp "$build/plugins/movies.so" "$root/packages/"
fi

# As the administrator and the service's user would do it; nothing of it runs as root but the first line.
inside "$root" sh -euc '
  install -m 755 /packages/movies.so /var/lib/eddy/plugins.d/.movies.new
  mv /var/lib/eddy/plugins.d/.movies.new /var/lib/eddy/plugins.d/movies.so
  exec setpriv --reuid eddy --regid eddy --clear-groups --no-new-privs --bounding-set=-all -- sh -euc "
    cd /tmp
    sed \"s/:[45]00[01]/:0/\" /etc/eddy/eddy.yaml >any-port.yaml
    eddy check
    eddy put movies /usr/share/doc/eddy/examples/demo/movies.ndjson
    eddy run --until-idle -c any-port.yaml
    eddy ls --json >/tmp/ls.json
    eddy dlq groups MovieDLQ"' >"$work/demo.log" 2>&1 || { tail -n 40 "$work/demo.log" >&2; fail "the demo"; }
found=$(jq -c '[.functions[] | {(.function): [.delivered, .filtered, .dead_lettered, .lag]}] | add' "$root/tmp/ls.json")
wanted='{"recover_movie":[29,8,0,0],"to_release":[3164,0,37,0]}'
[ "$(jq -cS . <<<"$found")" = "$wanted" ] || fail "the films: expected $wanted, found $found"

inside "$root" sh -euc '
  sed -i "s/4000/4001/" /etc/eddy/eddy.yaml
  dpkg --remove eddy
  grep -q 4001 /etc/eddy/eddy.yaml
  dpkg --install /packages/eddy_*.deb
  grep -q 4001 /etc/eddy/eddy.yaml
  dpkg --purge eddy eddy-dev
  test ! -e /etc/eddy
  test ! -e /usr/bin/eddy
  test -s /var/lib/eddy/data/tables.db' >"$work/remove.log" 2>&1 || { tail -n 30 "$work/remove.log" >&2; fail "removal"; }
rm -rf "$root"
