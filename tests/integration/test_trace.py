# SPDX-License-Identifier: Apache-2.0
"""The trace that a request is a part of stays with its records, wherever they go (W3C trace context)."""

import json

from eddy import BUILD, HostTest, wait_for

PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
STATE = "congo=t61rcWkgMzE,rojo=00f067aa0ba902b7"
TRACE = {"traceparent": PARENT, "tracestate": STATE}
GOOD = {"user_id": "u", "action": "a", "timestamp": 1}


def trace_of(record):
    return {header["name"]: header["value"] for header in record["headers"] if header["name"].startswith("trace")}


class Trace(HostTest):
    def start(self):
        host = self.host()
        host.drop(BUILD / "plugins/events.so")
        host.start()
        wait_for("the route", lambda: host.post("raw_events", b"[]")[0] == 200)
        return host

    def traces(self, host, stream, count):
        records = wait_for(f"{count} records in {stream}", lambda: (
            lambda found: found if len(found) >= count else None)(host.peek_or_none(stream)))
        self.assertEqual(len(records), count)
        return [trace_of(record) for record in records]

    def test_from_the_request_through_outputs_letters_and_recoveries(self):
        host = self.start()
        records = [GOOD, {**GOOD, "timestamp": -1}, {**GOOD, "action": "forbidden_action"}, {"user_id": "u"}]
        status, _ = host.post("raw_events", json.dumps(records).encode(), Traceparent=PARENT, Tracestate=STATE)
        self.assertEqual(status, 207)
        for stream, count in {"raw_events": 3, "processed_events": 2, "EventDLQ": 2, "recovered_events": 1,
                              "raw_eventsDeadLetterQueue": 1}.items():
            self.assertEqual(self.traces(host, stream, count), [TRACE] * count, stream)
        host.stop()

    def test_through_corrected_copies_and_redrives(self):
        host = self.start()
        records = [{**GOOD, "user_id": ""}, {"user_id": "u"}]
        self.assertEqual(host.post("raw_events", json.dumps(records).encode(), **TRACE)[0], 207)
        self.assertEqual(self.traces(host, "EventDLQ", 1), [TRACE])
        failed = host.run_there("dlq", "redrive", "EventDLQ", code=1)
        self.assertEqual(failed["failed_again"], 1)
        self.assertEqual(self.traces(host, "EventDLQ", 2), [TRACE] * 2, "the letter that failed again")

        for queue in ("EventDLQ", "raw_eventsDeadLetterQueue"):  # of a function, and of the API
            host.run("dlq", "edit", self.letters(host, queue)[-1]["id"], "--original", "-",
                     data=json.dumps(GOOD).encode())
            done = host.run_there("dlq", "redrive", queue)
            self.assertEqual((done["sent"], done["recovered"]), (1, 1), queue)
        self.assertEqual(self.traces(host, "raw_events", 2), [TRACE] * 2)
        self.assertEqual(self.traces(host, "processed_events", 2), [TRACE] * 2)
        for record in host.peek("processed_events"):
            self.assertEqual([header["name"] for header in record["headers"]], list(TRACE), "and nothing of the way back")
        host.stop()

    def test_beside_a_key(self):
        host = self.start()
        body = json.dumps(GOOD).encode()
        for _ in range(2):
            self.assertEqual(host.post("raw_events", body, Traceparent=PARENT, Idempotency_Key="k")[0], 200)
        record, = host.peek("raw_events")
        self.assertEqual([header["name"] for header in record["headers"]], ["traceparent", "eddy-idempotency-key"])
        self.assertEqual(trace_of(record), {"traceparent": PARENT})
        host.stop()

    def test_what_is_none_is_not_kept(self):
        host = self.start()
        body = json.dumps(GOOD).encode()
        for headers in ({}, {"Tracestate": STATE}, {"Traceparent": "nonsense", "Tracestate": STATE},
                        {"Traceparent": PARENT.upper()}, {"Traceparent": PARENT.replace("b7ad6b7169203331", "0" * 16)}):
            self.assertEqual(host.post("raw_events", body, **headers)[0], 200)
        self.assertEqual(self.traces(host, "raw_events", 5), [{}] * 5)
        host.stop()
