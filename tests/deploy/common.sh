#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Sourced by the tests of what deploy/ ships: the build folder, the source, a folder of the test's own.
set -euo pipefail
build=$1 source=$2 work=$3
packages=$work/packages

fail() { echo "FAILED: $*" >&2; exit 1; }

# What cannot be tested on this machine, and why; ctest counts it as skipped.
skip() { echo "SKIPPED: $*"; exit 77; }

need() {
  local tool
  for tool in "$@"; do command -v "$tool" >/dev/null || fail "$tool is not installed: deploy/install tests/packages.txt"; done
}

as_root() { [ "$(id -u)" -eq 0 ] || skip "needs root, for a root file system of its own"; }

# A root of Debian 12 with nothing in it but what the packages need; made once for a build folder.
base_root() {
  local base=$work/base
  [ -f "$base.done" ] && return
  rm -rf "$base"
  mkdir -p "$work/archives"
  debootstrap --variant=minbase --cache-dir="$work/archives" bookworm "$base" \
    "${EDDY_DEBIAN_MIRROR:-http://deb.debian.org/debian}" >"$work/debootstrap.log" 2>&1 ||
    { tail -n 20 "$work/debootstrap.log" >&2; fail "debootstrap"; }
  # Services are not started in here: Debian's own way to say so.
  printf '#!/bin/sh\nexit 101\n' >"$base/usr/sbin/policy-rc.d"
  chmod 755 "$base/usr/sbin/policy-rc.d"
  cp --dereference /etc/resolv.conf "$base/etc/resolv.conf" 2>/dev/null || true
  touch "$base.done"
}

# inside ROOT COMMAND...: with the file systems that programs expect, which are gone with the command.
inside() {
  local root=$1
  shift
  unshare --mount --pid --fork --kill-child bash -euc '
    root=$1
    shift
    mount --make-rprivate /
    mount -t proc proc "$root/proc"
    mount -t tmpfs tmpfs "$root/dev"
    mkdir "$root/dev/shm"
    for name in null zero full random urandom; do
      touch "$root/dev/$name"
      mount --bind "/dev/$name" "$root/dev/$name"
    done
    ln -s /proc/self/fd "$root/dev/fd"
    exec chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 DEBIAN_FRONTEND=noninteractive "$@"
  ' inside "$root" "$@"
}

package_file() {
  local files=("$packages/$1"_[0-9]*.deb)
  [ ${#files[@]} = 1 ] && [ -f "${files[0]}" ] || fail "expected one package $1 in $packages, found: ${files[*]}"
  echo "${files[0]}"
}
