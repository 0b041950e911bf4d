// SPDX-License-Identifier: Apache-2.0
// A connection answers the same in whatever pieces its bytes come.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/scripted_ingest.h"
#include "unit/ingest/ingest_fixture.h"

namespace eddy::host::test {
namespace {

std::string post(const std::string& body, const std::string& headers = "") {
  return "POST /ingest/events HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" +
         headers + "\r\n" + body;
}

class Pieces : public testing::Test {
 protected:
  IngestRoutesPtr routes() {
    auto route = std::make_shared<IngestRoute>();
    route->name = "events";
    route->model =
        *Model::compile(declarations_.model("Event", {{"user", declarations_.type(EDDY_TYPE_STRING), EDDY_FIELD_KEY},
                                                      {"n", declarations_.type(EDDY_TYPE_I64)}}));
    route->stream = "events";
    route->stream_id = CountingTransport::kRecords;
    route->queue = "eventsDLQ";
    route->queue_id = CountingTransport::kLetters;
    auto all = std::make_shared<IngestRoutes>();
    (*all)["events"] = route;
    return all;
  }

  // In each size of pieces: as many responses of 200 and records as the requests are.
  void expect_all_taken(const std::string& sent, std::uint64_t requests) {
    CountingTransport whole;
    const std::string answer = ingest_.converse(whole, options_, sent, 0);
    EXPECT_EQ(whole.records, requests);
    EXPECT_EQ(whole.letters, 0u);
    for (std::size_t piece = 1; piece < sent.size(); ++piece) {
      CountingTransport pieces;
      EXPECT_EQ(ingest_.converse(pieces, options_, sent, piece), answer) << "pieces of " << piece;
      EXPECT_EQ(pieces.records, requests) << "pieces of " << piece;
    }
  }

  Declarations declarations_;
  IngestOptions options_;
  ScriptedIngest ingest_{routes()};
};

TEST_F(Pieces, OfRequestsOneAfterAnother) { expect_all_taken(post(kGood) + post(kGood, "X-Request-Id: two\r\n"), 2); }

TEST_F(Pieces, OfALineEndTooManyAfterABody) {
  expect_all_taken("\r\n" + post(kGood) + "\r\n" + post(kGood) + "\r\n\r\n" + post(kGood), 3);
}

TEST_F(Pieces, OfChunks) {
  expect_all_taken(
      "POST /ingest/events HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5;a=b\r\n{\"use\r\nd\r\nr\":\"a\","
      "\"n\":1}\r\n0\r\nTrailer: t\r\n\r\n" +
          post(kGood),
      2);
}

TEST_F(Pieces, OfNoChunksAtAll) {
  const std::string sent =
      "POST /ingest/events HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Type: "
      "application/x-ndjson\r\n\r\n"
      "0\r\n\r\n" +
      post(kGood);
  expect_all_taken(sent, 1);
}

TEST_F(Pieces, OfAKeyThatIsSentTwice) {
  const std::string keyed = post(kGood, "Idempotency-Key: k\r\nX-Request-Id: r\r\n");
  expect_all_taken(keyed + keyed, 1);
}

}  // namespace
}  // namespace eddy::host::test
