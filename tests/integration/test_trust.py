# SPDX-License-Identifier: Apache-2.0
"""Signed plugins: keys and signatures as an operator makes them, and a running host that asks for them."""

import json
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import unittest

from eddy import BINARY, BUILD, HostTest, wait_for

V1 = BUILD / "test_plugins/stamp_v1.so"
V2 = BUILD / "test_plugins/stamp_v2.so"


def eddy(*arguments):
    return subprocess.run([BINARY, *map(str, arguments)], capture_output=True, text=True, timeout=300)


def settle(host, trusted, required):
    """Writes the trusted keys into the host's configuration, which it reads again by signal alone: once each time."""
    host.configure("watch_config: false\n", plugins=f", require_signature: {str(required).lower()}, "
                           f"trusted_keys: {json.dumps([str(key) for key in trusted])}")
    return host


class Keys:
    """Pairs of keys in a folder, and plugins that are signed there before they are installed."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)

    def make(self, name):
        done = eddy("plugin", "keygen", self.folder / name, "--json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def sign(self, plugin, key):
        """A copy of the plugin's signature file."""
        copy = self.folder / "stamp.so"
        shutil.copyfile(plugin, copy)
        done = eddy("plugin", "sign", copy, "--key", self.folder / f"{key}.key")
        assert done.returncode == 0, done.stderr
        return self.folder / "stamp.so.sig"


class TrustTest(HostTest):
    def keys(self):
        folder = tempfile.mkdtemp(prefix="eddy-keys-")
        self.addCleanup(shutil.rmtree, folder, ignore_errors=True)
        return Keys(folder)


class CommandLine(TrustTest):
    def test_keygen_sign_verify(self):
        keys = self.keys()
        ops = keys.make("ops")
        self.assertEqual(os.stat(ops["secret_file"]).st_mode & 0o777, 0o600)
        self.assertEqual(pathlib.Path(ops["public_file"]).read_text(), ops["public_key"] + "\n")
        again = eddy("plugin", "keygen", keys.folder / "ops")
        self.assertEqual(again.returncode, 1)
        self.assertIn("never overwritten", again.stderr)
        self.assertEqual(eddy("plugin", "keygen", keys.folder / "a b").returncode, 64)

        plugin = keys.folder / "stamp.so"
        shutil.copyfile(V1, plugin)
        missing = eddy("plugin", "verify", plugin, "--key", ops["public_file"])
        self.assertEqual(missing.returncode, 1)
        self.assertIn("no such file", missing.stderr)
        signed = eddy("plugin", "sign", plugin, "--key", ops["secret_file"], "--comment", "release 1")
        self.assertEqual(signed.returncode, 0, signed.stderr)
        self.assertIn(f"signed by ops ({ops['key']})", signed.stdout)
        for key in (ops["public_file"], ops["public_key"]):
            good = eddy("plugin", "verify", "--key", key, plugin)
            self.assertEqual(good.returncode, 0, good.stderr)
            self.assertIn(f"good, signed by ops ({ops['key']}): release 1", good.stdout)

        other = keys.make("other")
        self.assertEqual(eddy("plugin", "verify", plugin, "--key", other["public_file"]).returncode, 1)
        both = eddy("plugin", "verify", plugin, "--key", other["public_file"], "--key", ops["public_file"], "--json")
        self.assertEqual(both.returncode, 0, both.stderr)
        self.assertEqual(json.loads(both.stdout)["signed_by"], {"key": ops["key"], "name": "ops", "comment": "release 1"})
        with open(plugin, "ab") as file:
            file.write(b"\0")
        changed = eddy("plugin", "verify", plugin, "--key", ops["public_file"], "--json")
        self.assertEqual(changed.returncode, 1)
        self.assertEqual(json.loads(changed.stdout)["good"], False)
        self.assertIn("over these bytes", changed.stderr)

    def test_exit_codes_of_what_is_not_there(self):
        keys = self.keys()
        ops = keys.make("ops")
        plugin = keys.folder / "stamp.so"
        self.assertEqual(eddy("plugin", "verify", plugin, "--key", ops["public_file"]).returncode, 69)
        self.assertEqual(eddy("plugin", "sign", plugin, "--key", ops["secret_file"]).returncode, 69)
        shutil.copyfile(V1, plugin)
        self.assertEqual(eddy("plugin", "sign", plugin, "--key", keys.folder / "nobody.key").returncode, 69)
        self.assertEqual(eddy("plugin", "sign", plugin, "--key", ops["public_file"]).returncode, 1)  # mode 0644
        os.chmod(ops["public_file"], 0o600)
        wrong = eddy("plugin", "sign", plugin, "--key", ops["public_file"])
        self.assertEqual(wrong.returncode, 65)
        self.assertIn("eddy-secret-key-v1", wrong.stderr)
        self.assertEqual(eddy("plugin", "verify", plugin, "--key", ops["secret_file"]).returncode, 65)
        empty = self.host()
        empty.run("plugin", "verify", plugin, code=78)
        self.assertIn("plugins.trusted_keys", empty.stderr)
        self.assertEqual(eddy("plugin", "sign", plugin).returncode, 64)

    def test_inspect_tells_who_signed(self):
        keys = self.keys()
        ops = keys.make("ops")
        plugin = keys.folder / "stamp.so"
        shutil.copyfile(V1, plugin)
        host = settle(self.host(), [ops["public_key"]], required=True)
        unsigned = host.run_json("plugin", "inspect", plugin, "--note")
        self.assertEqual(unsigned["signed_by"], None)
        self.assertIn("no such file", unsigned["signature"])
        keys.sign(V1, "ops")
        signed = host.run_json("plugin", "inspect", plugin, "--note")
        self.assertEqual((signed["signed_by"]["name"], signed["signature"]), ("ops", "good"))
        host.run("plugin", "verify", plugin)


class RunningHost(TrustTest):
    def reload(self, host, trusted, required=True):
        reloads = lambda: host.metric("eddy_config_reloads_total", result="ok")  # noqa: E731
        before = reloads()
        settle(host, trusted, required)
        host.process.send_signal(signal.SIGHUP)
        wait_for("the reload", lambda: reloads() > before)

    def refusals(self, host, words):
        lines = host.log_text().rpartition("\n")[0].splitlines()  # whole ones
        return [line for line in lines if "stamp.so: signature: " in line and words in line]

    def loads(self, host, result):
        return sum(value for series, value in host.metrics().items()
                   if series.startswith("eddy_plugin_loads_total") and f'result="{result}"' in series)

    def check_records(self, host, version, number):
        host.put("stamp_in", [b"r%d" % number])
        wait_for(f"version {version} works", lambda: f"r{number} v{version}" in
                 [record["value"] for record in host.peek_or_none("stamp_out")])

    def test_only_signed_plugins_run_and_keys_rotate(self):
        keys = self.keys()
        old, new = keys.make("old"), keys.make("new")
        host = settle(self.host(), [old["public_file"]], required=True)
        host.start()

        host.drop(V1, "stamp.so")
        wait_for("the unsigned file is refused", lambda: self.refusals(host, "no such file"))
        wait_for("it is counted", lambda: self.loads(host, "refused") >= 1)
        host.drop(keys.sign(V1, "old"))
        wait_for("its signature brings it in", lambda: self.loads(host, "loaded") == 1)
        self.assertIn(f"signed by old ({old['key']})", host.log_text())
        self.assertEqual(host.run_json("ls")["plugins"][0]["signed_by"]["name"], "old")
        self.check_records(host, 1, 1)

        host.drop(keys.sign(V2, "new"))
        wait_for("another file's signature is refused", lambda: self.refusals(host, f"one of key {new['key']}"))
        host.drop(V2, "stamp.so")
        self.reload(host, [old["public_file"], new["public_key"]])
        wait_for("the new key brings it in", lambda: self.loads(host, "loaded") == 2)
        self.assertIn(f"signed by new ({new['key']})", host.log_text())
        self.check_records(host, 2, 2)

        self.reload(host, [new["public_file"]])
        self.assertNotIn("goes on, though", host.log_text())
        self.reload(host, [old["public_file"]])
        wait_for("the host warns", lambda: "goes on, though key " + new["key"] in host.log_text())
        self.check_records(host, 2, 3)
        host.stop()
        host.start()
        wait_for("after a restart it is refused", lambda: self.refusals(host, f"one of key {new['key']}"))
        self.assertEqual(self.loads(host, "loaded"), 0)
        host.stop()

    def test_a_changed_byte_is_refused_and_what_runs_goes_on(self):
        keys = self.keys()
        ops = keys.make("ops")
        host = settle(self.host(), [ops["public_key"]], required=True)
        host.drop(keys.sign(V1, "ops"))
        host.drop(V1, "stamp.so")
        host.start()
        self.assertEqual(self.loads(host, "loaded"), 1)
        changed = bytearray(V1.read_bytes())
        changed[len(changed) // 2] ^= 1
        (keys.folder / "changed.so").write_bytes(changed)
        host.drop(keys.folder / "changed.so", "stamp.so")
        wait_for("it is refused", lambda: self.refusals(host, "over these bytes"))
        self.assertIn("version 1.0.0 of it, loaded before, goes on", self.refusals(host, "over these bytes")[0])
        self.check_records(host, 1, 1)
        host.stop()

    def test_what_is_not_required_must_still_be_right(self):
        keys = self.keys()
        ops, stranger = keys.make("ops"), keys.make("stranger")
        host = settle(self.host(), [ops["public_key"]], required=False)
        host.drop(V1, "stamp.so")
        host.start()
        self.assertEqual(self.loads(host, "loaded"), 1)
        self.assertIn("not signed", host.log_text())
        host.drop(keys.sign(V1, "stranger"))
        wait_for("a wrong signature is refused", lambda: self.refusals(host, f"one of key {stranger['key']}"))
        self.check_records(host, 1, 1)
        host.stop()

    def test_keys_that_cannot_be_had_stop_the_start_and_not_what_runs(self):
        keys = self.keys()
        ops = keys.make("ops")
        host = settle(self.host(), [keys.folder / "nobody.pub"], required=True)
        host.run("run", code=78)
        self.assertRegex(host.stderr, r"eddy\.yaml:2:\d+: plugins\.trusted_keys\[0\]: .*nobody\.pub")
        settle(host, [ops["public_key"]], required=True).start()
        settle(host, ["eddy-public-key-v1 AAAA damaged"], required=True)
        host.process.send_signal(signal.SIGHUP)
        wait_for("the reload is refused", lambda: "plugins.trusted_keys[0]: expected a line of" in host.log_text())
        host.drop(keys.sign(V1, "ops"))
        host.drop(V1, "stamp.so")
        wait_for("the old keys hold", lambda: self.loads(host, "loaded") == 1)
        host.stop()


if __name__ == "__main__":
    unittest.main()
