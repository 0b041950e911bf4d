#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# packages.sh BUILD SOURCE WORK: CPack makes the Debian packages, lintian reads them, and what is in them is what should be.
source "$(dirname "$0")/common.sh"
need cpack lintian dpkg-deb
rm -rf "$packages"
mkdir -p "$packages"
(umask 022 && cd "$work" && cpack --config "$build/CPackConfig.cmake" -B "$packages" >cpack.log 2>&1) ||
  { tail -n 30 "$work/cpack.log" >&2; fail "cpack"; }

host=$(package_file eddy) sdk=$(package_file eddy-dev)
lintian --profile debian --fail-on error --suppress-tags-from-file "$source/tests/deploy/lintian-suppressed" \
  "$host" "$sdk" || fail "lintian"

contents() { dpkg-deb --contents "$1" | awk '{print $1, $2, $6}'; }
contents "$host" >"$work/host.contents"
contents "$sdk" >"$work/sdk.contents"
holds() { grep -qF -- "$2" "$work/$1.contents" || { cat "$work/$1.contents" >&2; fail "the package has no \"$2\""; }; }
holds host '-rwxr-xr-x root/root ./usr/bin/eddy'
holds host '-rw-r--r-- root/root ./lib/systemd/system/eddy.service'
holds host '-rw-r--r-- root/root ./etc/eddy/eddy.yaml'
holds host 'drwxr-xr-x root/root ./var/lib/eddy/plugins.d/'
for file in usr/lib/sysusers.d/eddy.conf usr/lib/tmpfiles.d/eddy.conf usr/share/man/man1/eddy.1.gz usr/share/doc/eddy/copyright \
  usr/share/doc/eddy/reference.md usr/share/doc/eddy/UPGRADING.md usr/share/doc/eddy/examples/kafka.yaml \
  usr/share/eddy/eddy.schema.json; do
  holds host "./$file"
done
for file in usr/include/eddy/abi.h usr/include/eddy/eddy.hpp usr/include/eddy/testing.hpp usr/lib/cmake/Eddy/EddyConfig.cmake \
  pkgconfig/eddy.pc usr/share/eddy/plugin.map usr/share/doc/eddy-dev/examples/events/events.cpp; do
  holds sdk "$file"
done
! grep -E "$(printf '%s|%s' "$build" "$source" | sed 's/[.]/[.]/g')|/usr/local" "$work"/*.contents || fail "a path of this machine"
! awk '$2 != "root/root" || $1 ~ /^.....w|^........w/' "$work"/*.contents | grep . || fail "owners or modes"
[ "$(dpkg-deb --field "$sdk" Architecture)" = all ] || fail "the SDK has an architecture"
[ "$(dpkg-deb --ctrl-tarfile "$host" | tar -xO ./conffiles)" = /etc/eddy/eddy.yaml ] || fail "conffiles"
for library in librdkafka1 libpq5 libsqlite3-0 libsystemd0 libc6; do
  dpkg-deb --field "$host" Depends | grep -E "(^|, )$library( |,|$)" >/dev/null || fail "Depends has no $library: $(dpkg-deb --field "$host" Depends)"
done
du -h "$packages"/*.deb
