#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# image.sh BUILD SOURCE WORK: the Dockerfile builds, and the image runs as Kubernetes would run it: another user than root, a
# root file system that cannot be written, no capability. No registry is asked: the base is a Debian made here. The stage
# that compiles takes as long as a build; without EDDY_LONG the packages of this build take its place.
source "$(dirname "$0")/common.sh"
need buildah runc jq debootstrap
as_root
base_root
state=$work/image
runc=(runc --root "$state/runc")
build_image=(buildah --root "$state/storage" --runroot "$state/run")
clean() {
  "${runc[@]}" delete --force eddy-test >/dev/null 2>&1 || true
  "${build_image[@]}" rm --all >/dev/null 2>&1 || true
  "${build_image[@]}" rmi --all --force >/dev/null 2>&1 || true
  rm -rf "$state"
}
clean
trap clean EXIT
mkdir -p "$state"

base=$("${build_image[@]}" from scratch)
tar -C "$work/base" -c . >"$state/base.tar"
"${build_image[@]}" add --quiet "$base" "$state/base.tar" / >/dev/null
"${build_image[@]}" commit --quiet "$base" localhost/debian >/dev/null
compiled=(--build-context "packages=$packages")
[ -n "${EDDY_LONG:-}" ] && compiled=()
"${build_image[@]}" build --isolation chroot --format docker --build-arg DEBIAN=localhost/debian "${compiled[@]}" \
  --file "$source/deploy/Dockerfile" --tag localhost/eddy "$source" >"$work/image.log" 2>&1 ||
  { tail -n 30 "$work/image.log" >&2; fail "the image does not build"; }
config=$("${build_image[@]}" inspect --type image localhost/eddy | jq .Docker.config)
[ "$(jq -r '.User + " " + .StopSignal' <<<"$config")" = "10001:10001 SIGTERM" ] || fail "the image's user or signal: $config"

container=$("${build_image[@]}" from localhost/eddy)
root=$("${build_image[@]}" mount "$container")
mkdir "$state/bundle" "$state/data" "$state/plugins.d"
chmod 755 "$state/plugins.d"
chown 10001:10001 "$state/data"
cp "$build/plugins/movies.so" "$state/plugins.d/"
{ cat "$source/deploy/systemd/eddy.yaml"; echo 'functions: { "*": { isolation: process } }'; } >"$state/eddy.yaml"
# What is allowed to a container without capabilities, as Docker, containerd and Podman have it: the last one's file, in
# runc's form.
jq '{defaultAction, defaultErrnoRet, architectures: ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"], syscalls: [.syscalls[] |
  select((.includes.caps // []) == [] and ((.includes.arches // ["amd64"]) | index("amd64"))) | {names, action, args, errnoRet} |
  with_entries(select(.value != null))]}' /usr/share/containers/seccomp.json >"$state/seccomp.json"
# What docker run --read-only --tmpfs /tmp --cap-drop ALL --security-opt no-new-privileges asks of the same program.
(cd "$state/bundle" && "${runc[@]}" spec && jq --arg root "$root" --arg state "$state" --argjson config "$config" \
  --slurpfile seccomp "$state/seccomp.json" '
  .linux.seccomp = $seccomp[0] |
  .root = {path: $root, readonly: true} |
  .process.terminal = false |
  .process.user = {uid: 10001, gid: 10001} |
  .process.args = $config.Entrypoint + $config.Cmd |
  .process.cwd = $config.WorkingDir |
  .process.capabilities = {} |
  .process.noNewPrivileges = true |
  del(.process.rlimits, .linux.resources) |
  .mounts += [{destination: "/tmp", type: "tmpfs", source: "tmpfs", options: ["nosuid", "nodev", "mode=1777"]},
    {destination: "/var/lib/eddy/data", type: "bind", source: "\($state)/data", options: ["rbind", "rw"]},
    {destination: "/etc/eddy/eddy.yaml", type: "bind", source: "\($state)/eddy.yaml", options: ["rbind", "ro"]},
    {destination: "/var/lib/eddy/plugins.d", type: "bind", source: "\($state)/plugins.d", options: ["rbind", "ro"]}]
  ' config.json >config.new && mv config.new config.json)
"${runc[@]}" run --bundle "$state/bundle" eddy-test >"$work/image-run.log" 2>&1 </dev/null &
runner=$!
mapfile -t check < <(jq -r '.Healthcheck.Test[1:][]' <<<"$config")
inside_it() { "${runc[@]}" exec eddy-test "$@"; }
end=$((SECONDS + 300))
while [ "$SECONDS" -lt "$end" ]; do
  inside_it "${check[@]}" /readyz >/dev/null 2>&1 && break
  kill -0 "$runner" 2>/dev/null || { cat "$work/image-run.log" >&2; skip "no container runs here: $(tail -n 1 "$work/image-run.log")"; }
  sleep 0.1
done
inside_it "${check[@]}" || { cat "$work/image-run.log" >&2; fail "the health check says no"; }
! inside_it "${check[@]}" /nothing 2>/dev/null || fail "the health check says yes to anything"
! inside_it /usr/bin/touch /etc/here 2>/dev/null || fail "the root file system can be written"
echo '{"Title":"A","US Gross":1,"Worldwide Gross":1}' | inside_it eddy put movies >/dev/null
end=$((SECONDS + 300))
while [ "$SECONDS" -lt "$end" ]; do
  done=$(inside_it eddy ls --json | jq '[.functions[] | select(.function == "to_release") | .delivered + .dead_lettered] | add')
  [ "$done" = 1 ] && break
  sleep 0.1
done
[ "$done" = 1 ] || { cat "$work/image-run.log" >&2; fail "a record in a worker process of the container: $done ended"; }
! grep -i landlock "$work/image-run.log" || fail "no Landlock in the container"
"${runc[@]}" kill eddy-test TERM
ended=0
wait "$runner" || ended=$?
[ "$ended" = 0 ] || { cat "$work/image-run.log" >&2; fail "after SIGTERM the container ended with $ended"; }
grep -q 'stopping: each function ends its unit of work' "$work/image-run.log" || fail "not an orderly end"
echo "ok: $("${build_image[@]}" images --format '{{.Size}}' localhost/eddy | head -n 1), not root, read-only, no capabilities"
