# SPDX-License-Identifier: Apache-2.0
"""The ingest API's description of itself: valid, true, and kept from strangers."""

import gzip
import hashlib
import json
import unittest
import urllib.error
import urllib.request

from eddy import BUILD, HostTest

try:
    import openapi_spec_validator
except ImportError:
    openapi_spec_validator = None
try:
    import jsonschema
except ImportError:
    jsonschema = None

TOKEN = "eddy_a-token-of-this-test"
SETTINGS = f"""ingest:
  listen: '127.0.0.1:0'
  tokens:
    - {{ name: reader, hash: 'sha256:{hashlib.sha256(TOKEN.encode()).hexdigest()}', routes: ['{{routes}}'] }}
"""


class OpenApi(HostTest):
    def describe(self, routes="*", token=TOKEN):
        host = self.host(SETTINGS.replace("{routes}", routes))
        host.drop(BUILD / "plugins/movies.so")
        host.start()
        url = host.ingest_url().removesuffix("/ingest/") + "/openapi.json"
        request = urllib.request.Request(url, headers={"Authorization": f"Bearer {token}"})
        try:
            with urllib.request.urlopen(request, timeout=30) as reply:
                return host, reply.status, json.loads(reply.read())
        except urllib.error.HTTPError as error:
            return host, error.code, json.loads(error.read())

    @unittest.skipIf(openapi_spec_validator is None, "pip install openapi-spec-validator")
    def test_a_validator_of_others_accepts_it(self):
        _, status, document = self.describe()
        self.assertEqual(status, 200)
        openapi_spec_validator.validate(document)

    @unittest.skipIf(jsonschema is None, "needs python3-jsonschema")
    def test_schemas_tell_good_records_from_bad(self):
        _, _, document = self.describe()
        for path, schema in self.models(document):
            validator = jsonschema.Draft202012Validator({**document, **schema})
            for example in self.examples(document, path):
                validator.validate(example)
                required = document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]].get("required", [])
                for name in required:
                    cut = {key: value for key, value in example.items() if key != name}
                    self.assertFalse(validator.is_valid(cut), f"{path} without {name}")

    def test_what_it_gives_as_an_example_is_taken(self):
        host, _, document = self.describe()
        self.assertTrue(self.examples(document, "/ingest/movies"))
        for path, _ in self.models(document):
            route = path.removeprefix("/ingest/")
            content = document["paths"][path]["post"]["requestBody"]["content"]
            for example in content["application/json"]["examples"].values():
                self.check(host, route, json.dumps(example["value"]).encode(), Content_Type="application/json")
            for lines in ("application/x-ndjson", "application/jsonl"):
                body = content[lines]["example"].encode()
                self.check(host, route, body, Content_Type=lines)
                self.check(host, route, gzip.compress(body), Content_Type=lines, Content_Encoding="gzip")

    def check(self, host, route, body, **headers):
        status, answer = host.post(route, body, Authorization=f"Bearer {TOKEN}", **headers)
        self.assertEqual((status, "errors" in answer), (200, False), answer)

    def test_refusals_are_those_it_describes(self):
        host, status, document = self.describe("other*")
        self.assertEqual(status, 200, "whoever may send to some route may read the description of all")
        described = document["paths"]["/ingest/movies"]["post"]["responses"]
        for expected, headers in ((401, {}), (401, {"Authorization": "Bearer x"}),
                                  (403, {"Authorization": f"Bearer {TOKEN}"})):
            status, answer = host.post("movies", b"{}", **headers)
            self.assertEqual(status, expected, answer)
            self.assertIn(str(status), described)
        self.assertEqual(document["security"], [{"bearer": []}])

    def test_strangers_read_nothing(self):
        _, status, answer = self.describe(token="x")
        self.assertEqual(status, 401)
        self.assertEqual(list(answer), ["error"])

    def models(self, document):
        for path, operations in document["paths"].items():
            if "post" in operations:
                content = operations["post"]["requestBody"]["content"]["application/json"]
                yield path, content["schema"]["anyOf"][0]

    def examples(self, document, path):
        content = document["paths"][path]["post"]["requestBody"]["content"]["application/json"]["examples"]
        return [content["one"]["value"], *content["several"]["value"]]


if __name__ == "__main__":
    unittest.main()
