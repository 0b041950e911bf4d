# SPDX-License-Identifier: Apache-2.0
"""Bytes that are no nice JSON: they come back exactly, however often they fail."""

import base64
import json
import random
import subprocess
import unittest

from eddy import BINARY, BUILD, HostTest

ODD = [b"{", b"not json", b"null", b'"text"', b" {\"a\":1} ", b'{"a":1e999}', b"\xff\xfe\x00\x01", b"caf\xc3\xa9 \\ \" \x7f",
       b'{"a":' * 2000, b"\x00", b'{"pretty": [1, 2,   3]}']


def original(envelope, raw):
    encoding = envelope["original_encoding"]
    if encoding == "base64":
        return base64.b64decode(envelope["original_record"])
    if encoding == "utf8":
        return envelope["original_record"].encode()
    begin = raw.index(b'"original_record":') + len(b'"original_record":')
    return raw[begin:raw.index(b',"error_message":', begin)]


class Values(HostTest):
    def odd_host(self, settings=""):
        host = self.host(settings)
        host.drop(BUILD / "test_plugins/odd_values.so")
        return host

    def test_every_value_comes_back_byte_for_byte_after_all_its_hops(self):
        host = self.odd_host()
        rng = random.Random(7)
        values = ODD + [rng.randbytes(rng.randint(1, 300)).replace(b"\n", b"") or b"x" for _ in range(200)]
        values.append(b'{"big":"' + b"x" * 1_000_000 + b'"}')
        host.put("odd_in", values)
        host.run("run", "--until-idle")
        parked = host.peek("OddDLQ.parked")
        self.assertEqual(len(parked), len(values))
        seen = {}
        for record in parked:
            envelope = json.loads(record["value"])
            self.assertEqual(envelope["error_type"], "std::logic_error")
            self.assertEqual(envelope["attempts"], 4)  # the first call and three recoveries
            seen[envelope["origin"]["offset"]] = original(envelope, record["value"].encode())
        self.assertEqual([seen[i] for i in range(len(values))], values)
        never = host.function("never")
        self.assertEqual(never["dead_lettered"], 3 * len(values))  # max_hops, then parked: no loop
        self.assertEqual(never["lag"], 0)

    def test_show_gives_the_exact_original(self):
        host = self.odd_host()
        host.put("odd_in", [b"\xff\x00 raw"])
        host.run("run", "--until-idle")
        letter = json.loads(host.peek("OddDLQ.parked")[0]["value"])
        shown = subprocess.run([BINARY, "dlq", "show", letter["id"], "--original", "-c", host.config],
                               capture_output=True, check=True)
        self.assertEqual(shown.stdout, b"\xff\x00 raw")
        whole = host.run_json("dlq", "show", letter["id"][:12])
        self.assertEqual((whole["id"], whole["hops"], whole["queue"], whole["stream"], whole["state"]),
                         (letter["id"], 3, "OddDLQ", "OddDLQ.parked", "parked"))
        self.assertEqual(whole["original"], {"base64": base64.b64encode(b"\xff\x00 raw").decode()})

    def test_json_functions_get_json_only(self):
        host = self.odd_host()
        host.put("json_in", [b'{"a":1}', b"{", b"[1,2]", b"nope"])
        host.run("run", "--until-idle")
        self.assertEqual(host.function("only_json")["delivered"], 2)
        letters = self.letters(host, "eddy_dead_letters")  # no queue of its own: the host-wide one
        self.assertEqual([letter["error_type"] for letter in letters], ["ParseError", "ParseError"])
        self.assertEqual([letter["origin"]["offset"] for letter in letters], [1, 3])

    def test_raw_queue_keeps_value_and_puts_facts_into_headers(self):
        host = self.odd_host('dead_letter_queues: { "OddDLQ*": { format: raw, max_hops: 2 } }\n')
        host.put("odd_in", [b"some bytes"])
        host.run("run", "--until-idle")
        record, = host.peek("OddDLQ.parked")
        headers = {header["name"]: header["value"] for header in record["headers"]}
        self.assertEqual(record["value"], "some bytes")
        self.assertEqual(headers["__eddy.errors.topic"], "odd_in")
        self.assertEqual(headers["__eddy.errors.exception.class.name"], "std::logic_error")
        self.assertEqual(len(headers), len(record["headers"]))  # replaced on each hop, never appended

    def test_camel_case_queue(self):
        host = self.odd_host('dead_letter_queues: { OddDLQ: { casing: camelCase } }\n')
        host.put("odd_in", [b'{"a":1}'])
        host.run("run", "--until-idle")
        letter = self.letters(host, "OddDLQ")[0]
        self.assertEqual(letter["originalRecord"], {"a": 1})
        self.assertEqual(letter["errorType"], "std::runtime_error")
        self.assertEqual(len(host.peek("OddDLQ.parked")), 1)  # read back whatever its casing
