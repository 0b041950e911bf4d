# SPDX-License-Identifier: Apache-2.0
"""Millions of records through a raw transform: memory stays flat."""

import subprocess

from eddy import BINARY, BUILD, LONG, HostTest, wait_for

ROUNDS, PER_ROUND = (100, 1_000_000) if LONG else (10, 1_000_000)


class Soak(HostTest):
    def test_memory_is_flat(self):
        host = self.host()
        host.drop(BUILD / "test_plugins/copy.so")
        block = b"".join(b'{"n":%d,"text":"%s"}\n' % (i, b"x" * 60) for i in range(10_000)) * (PER_ROUND // 10_000)
        memory = []
        for round_ in range(1, ROUNDS + 1):
            subprocess.run([BINARY, "put", "copy_in", "-c", host.config], input=block, check=True,
                           stdout=subprocess.DEVNULL)
            if round_ == 1:  # the first has waited: units of work are as large then as they ever come to be
                host.start()
            wait_for("the round is through", lambda: host.metric("eddy_records_total", function="copy",
                                                                 outcome="delivered") == round_ * PER_ROUND, 300)
            memory.append(host.memory_kib())
        print(f"RSS after each round of {PER_ROUND} records, KiB: {memory}")
        # The first rounds fill caches and buffers; after them nothing may grow with the records.
        limit = memory[ROUNDS // 3] + 16 * 1024
        wait_for(f"memory is below {limit} KiB", lambda: host.memory_kib() < limit)
        host.stop()
