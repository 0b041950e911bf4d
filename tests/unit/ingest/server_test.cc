// SPDX-License-Identifier: Apache-2.0
#include "unit/ingest/ingest_fixture.h"

namespace eddy::host::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

TEST_F(IngestTest, OneObjectIsOneRecordByteForByteWithItsKeyAndTime) {
  start();
  const auto answer = post(R"(  { "user" : "a", "n":1, "more":[1.50] }  )");
  EXPECT_EQ(answer.result_int(), 200u);
  EXPECT_EQ(answer.body(), R"({"accepted":1})");
  const auto all = stored("events");
  ASSERT_THAT(all, SizeIs(1));
  EXPECT_EQ(all[0].value, R"({ "user" : "a", "n":1, "more":[1.50] })");
  EXPECT_EQ(all[0].key, "a");
  EXPECT_EQ(all[0].timestamp_us, clock_.now_us());
  EXPECT_THAT(values("eventsDLQ"), IsEmpty());
}

TEST_F(IngestTest, ElementsOfAnArrayGoTheirOwnWays) {
  start();
  const auto answer = post(R"([{"user":"a","n":1}, {"user":"b","n":"x"}, 7, {"user":"c","n":-1}, {"user":"d","n":2}])");
  EXPECT_EQ(answer.result_int(), 207u);
  EXPECT_THAT(answer.body(), HasSubstr(R"({"accepted":2,"errors":[{"index":1,"pointer":"/n")"));
  EXPECT_THAT(answer.body(), HasSubstr(R"("index":2,"pointer":"")"));
  EXPECT_THAT(answer.body(), HasSubstr(R"("index":3,"pointer":"","message":"n is negative","dead_letter_id":")"));
  EXPECT_THAT(values("events"), ElementsAre(R"({"user":"a","n":1})", R"({"user":"d","n":2})"));
  const auto letters = values("eventsDLQ");
  ASSERT_THAT(letters, SizeIs(3));
  EXPECT_THAT(letters[0], HasSubstr(R"("original_record":{"user":"b","n":"x"})"));
  EXPECT_THAT(letters[0], HasSubstr(R"("source":"api")"));
  EXPECT_THAT(letters[2], HasSubstr(R"("error_type":"Negative")"));
  EXPECT_EQ(metrics_.of("events accepted"), 2u);
  EXPECT_EQ(metrics_.of("events dead_lettered"), 3u);
  EXPECT_EQ(metrics_.of("eventsDLQ ValidationError"), 2u);
  EXPECT_EQ(metrics_.of("eventsDLQ Negative"), 1u);
}

TEST_F(IngestTest, LinesAreRecordsOfTheirOwn) {
  start();
  const auto answer = post(kGood + "\n\n" + kGood + "\r\n{\"user\":\n", "Content-Type: application/x-ndjson\r\n");
  EXPECT_EQ(answer.result_int(), 207u);
  EXPECT_THAT(values("events"), ElementsAre(kGood, kGood));
  EXPECT_THAT(values("eventsDLQ"), ElementsAre(HasSubstr("ParseError")));
}

TEST_F(IngestTest, WhatIsNoJsonIsOneLetterWithAllBytes) {
  start();
  for (const std::string body : {"hello", "[{\"user\":\"a\",\"n\":1},{\"user\":]", "[{\"user\":\"a\",\"n\":1}", "[{},]",
                                 "{\"user\":\"a\",\"n\":1}{\"user\":\"a\",\"n\":1}", "\xff\xfe"}) {
    const std::size_t before = values("eventsDLQ").size();
    EXPECT_EQ(post(body).result_int(), 400u) << body;
    const auto letters = values("eventsDLQ");
    ASSERT_THAT(letters, SizeIs(before + 1)) << body;
    EXPECT_THAT(letters.back(), HasSubstr("ParseError"));
    EXPECT_EQ(metrics_.of("eventsDLQ ParseError"), before + 1) << body;
  }
  EXPECT_EQ(metrics_.of("eventsDLQ ValidationError"), 0u);
  EXPECT_THAT(values("events"), IsEmpty());
  EXPECT_EQ(post("").result_int(), 400u);
  EXPECT_EQ(post("[]").body(), R"({"accepted":0})");
}

TEST_F(IngestTest, ASmallBodyDoesNotTakeAllMemory) {
  options_.max_waiting_bytes = 100'000;
  start();
  std::string many = "[0";
  for (int i = 0; i < 1000; ++i) many += ",0";
  const auto answer = post(many + "," + kGood + "]");
  EXPECT_EQ(answer.result_int(), 413u);
  EXPECT_THAT(answer.body(), HasSubstr("elements are refused, the last for: "));
  EXPECT_THAT(answer.body(), HasSubstr("nothing of this request was written"));
  EXPECT_THAT(values("events"), IsEmpty());
  EXPECT_THAT(values("eventsDLQ"), IsEmpty());
  EXPECT_EQ(post("[0,0," + kGood + "]").result_int(), 207u) << "the server goes on";
}

TEST_F(IngestTest, ManyDeepElementsCostNoMoreThanTheirBytes) {
  start();
  const std::string deep = std::string(66, '[') + std::string(66, ']');
  std::string many = "[" + deep;
  for (int i = 1; i < 10'000; ++i) many += "," + deep;
  // If each of them had the whole body looked at, this would take minutes.
  EXPECT_EQ(post(many + "]").result_int(), 400u);
  EXPECT_THAT(values("eventsDLQ"), SizeIs(10'000));
}

TEST_F(IngestTest, ARecordTooLargeForItsStreamIsALetter) {
  start();
  const std::string large = R"({"user":"a","n":1,"x":")" + std::string(5000, 'x') + "\"}";
  const auto answer = post("[" + kGood + "," + large + "]");
  EXPECT_EQ(answer.result_int(), 207u);
  EXPECT_THAT(answer.body(), HasSubstr("it is too large for the dead letter queue, which does not have its bytes"));
  EXPECT_THAT(values("events"), ElementsAre(kGood));
  EXPECT_THAT(values("eventsDLQ"), ElementsAre(HasSubstr("RecordTooLarge")));
}

TEST_F(IngestTest, RefusesWithTheDocumentedStatus) {
  options_.max_body_bytes = 2000;
  start();
  const auto status = [&](const std::string& bytes) { return send(bytes).result_int(); };
  EXPECT_EQ(status(request(kGood, "", "/ingest/other")), 404u);
  EXPECT_THAT(send(request(kGood, "", "/ingest/other")).body(), HasSubstr(R"("routes":["/ingest/events"])"));
  EXPECT_EQ(status("GET /ingest/events HTTP/1.1\r\nHost: x\r\n\r\n"), 405u);
  EXPECT_EQ(status(request(std::string(2001, ' '))), 413u);
  EXPECT_EQ(status(request(kGood, "Content-Type: text/plain\r\n")), 415u);
  EXPECT_EQ(status(request(kGood, "Content-Type: application/json; charset=latin1\r\n")), 415u);
  EXPECT_EQ(status(request(kGood, "Content-Encoding: br\r\n")), 415u);
  EXPECT_EQ(status(request(kGood, "Content-Encoding: gzip\r\n")), 400u);
  EXPECT_EQ(status(request(kGood, "Expect: tea\r\n")), 417u);
  EXPECT_EQ(status("POST / HTTP/1.1\r\nHost: x\r\nX: " + std::string(17000, 'x')), 431u);
  EXPECT_THAT(values("events"), IsEmpty());
}

TEST_F(IngestTest, WhatCanBeReadInTwoWaysEndsTheConnection) {
  start();
  const std::string head = "POST /ingest/events HTTP/1.1\r\nHost: x\r\n";
  for (const std::string rest :
       {"Content-Length: 2\r\nContent-Length: 2\r\n\r\n[]", "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n[]",
        "Transfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n[]",
        "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", "Content-Length: 2, 2\r\n\r\n[]",
        "Content-Length: +2\r\n\r\n[]", "X: a\r\n b\r\nContent-Length: 2\r\n\r\n[]",
        "X: a\nContent-Length: 2\r\n\r\n[]", "Host: y\r\nContent-Length: 2\r\n\r\n[]",
        "Transfer-Encoding: chunked\r\n\r\nzz\r\n[]\r\n0\r\n\r\n"}) {
    Client client(server_->address());
    client.send(head + rest);
    EXPECT_EQ(client.receive().result_int(), 400u) << rest;
    EXPECT_TRUE(client.closed()) << rest;
  }
}

TEST_F(IngestTest, PipelinedAndChunkedRequestsAreAnsweredInOrder) {
  start();
  Client client(server_->address());
  client.send(request(kGood, "X-Request-Id: one\r\n") + request("[7]", "X-Request-Id: two\r\n") +
              "POST /ingest/events HTTP/1.1\r\nHost: x\r\nX-Request-Id: three\r\nTransfer-Encoding: chunked\r\n\r\n"
              "5\r\n{\"use\r\nd\r\nr\":\"a\",\"n\":1}\r\n0\r\n\r\n");
  for (const auto& [id, status] : {std::pair("one", 200u), {"two", 400u}, {"three", 200u}}) {
    const auto answer = client.receive();
    EXPECT_EQ(answer["X-Request-Id"], id);
    EXPECT_EQ(answer.result_int(), status);
  }
}

TEST_F(IngestTest, ABodyIsAskedForBeforeItIsSent) {
  start();
  Client client(server_->address());
  client.send("POST /ingest/events HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
  EXPECT_EQ(client.receive().result_int(), 100u);
  client.send("[]");
  EXPECT_EQ(client.receive().result_int(), 200u);
}

TEST_F(IngestTest, SaysSoWhenNothingCouldBeMadeDurable) {
  start();
  transport_->mode = FailingAppends::Mode::kFail;
  const auto answer = post(kGood);
  EXPECT_EQ(answer.result_int(), 503u);
  EXPECT_EQ(answer["Retry-After"], "1");
  EXPECT_THAT(server_->trouble(), HasSubstr("refused by the test"));
  transport_->mode = FailingAppends::Mode::kPass;
  EXPECT_EQ(post(kGood).result_int(), 200u);
  EXPECT_EQ(server_->trouble(), "");
}

TEST_F(IngestTest, NothingIsWrittenWhileTheCheckCannotBeMade) {
  start();
  checks_ = false;
  for (const std::string& body : {kGood, "[{\"user\":7}," + kGood + "]"}) {
    const auto answer = post(body, "Idempotency-Key: k\r\n");
    EXPECT_EQ(answer.result_int(), 503u);
    EXPECT_EQ(answer["Retry-After"], "1");
    EXPECT_THAT(answer.body(), HasSubstr("plugin p has faulted; nothing of this request was written; send it again"));
  }
  EXPECT_THAT(values("events"), IsEmpty());
  EXPECT_THAT(values("eventsDLQ"), IsEmpty());
  checks_ = true;
  EXPECT_EQ(post(kGood, "Idempotency-Key: k\r\n").result_int(), 200u);
  EXPECT_EQ(values("events").size(), 1u);
}

// Sent again, it would break the check again, and those behind it would never be judged.
TEST_F(IngestTest, WhatBreaksTheCheckIsALetterWithAllThatIsBehindIt) {
  start();
  const auto answer = post("[" + kGood + ",{\"user\":\"a\",\"n\":-99}," + kGood + "]");
  EXPECT_EQ(answer.result_int(), 207u);
  EXPECT_THAT(answer.body(), HasSubstr("not checked: an element before it made the plugin fault"));
  EXPECT_EQ(values("events").size(), 1u);
  EXPECT_EQ(values("eventsDLQ").size(), 2u);
  EXPECT_EQ(post(kGood).result_int(), 503u);
}

TEST_F(IngestTest, ALetterOnlyRequestWaitsForItsQueue) {
  start();
  transport_->only = static_cast<std::uint32_t>(queue_);
  transport_->mode = FailingAppends::Mode::kFail;
  EXPECT_EQ(post("[" + kGood + ",7]").result_int(), 503u);
  EXPECT_THAT(values("events"), IsEmpty());
  EXPECT_EQ(metrics_.of("eventsDLQ not written"), 1u);
  EXPECT_EQ(metrics_.of("eventsDLQ ValidationError"), 0u);
}

TEST_F(IngestTest, CountsTheLettersThatAreThereWhenTheStreamIsNot) {
  start();
  transport_->only = static_cast<std::uint32_t>(stream_);
  transport_->mode = FailingAppends::Mode::kFail;
  EXPECT_EQ(post("[" + kGood + ",7]").result_int(), 503u);
  EXPECT_THAT(values("eventsDLQ"), SizeIs(1));
  EXPECT_EQ(metrics_.of("eventsDLQ ValidationError"), 1u);
  EXPECT_EQ(metrics_.of("eventsDLQ not written"), 0u);
  EXPECT_EQ(metrics_.of("events not_durable"), 2u);
}

TEST_F(IngestTest, ASilentClientIsToldAndLeft) {
  start();
  Client client(server_->address());
  client.send("POST /ingest/events HTTP/1.1\r\n");
  Client idle(server_->address());
  idle.send(request("[]"));
  EXPECT_EQ(idle.receive().result_int(), 200u);
  // Time goes on for as long as it takes: when the server has seen the first byte nobody knows.
  const std::jthread time([this](const std::stop_token& over) {
    while (!over.stop_requested()) {
      clock_.advance(std::chrono::seconds(20));
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  });
  EXPECT_EQ(client.receive().result_int(), 408u);
  EXPECT_TRUE(idle.closed());
}

TEST_F(IngestTest, StopsAfterRunningRequestsAndOnlyThen) {
  options_.drain_timeout = std::chrono::minutes(10);  // also where the client has to wait for the processor
  start();
  auto client = std::make_unique<Client>(server_->address());
  client->send("POST /ingest/events HTTP/1.1\r\nHost: x\r\nContent-Length: 18\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(client->receive().result_int(), 100u);
  std::thread stopping([&] { server_->stop(); });
  client->send(kGood);
  const auto answer = client->receive();
  EXPECT_EQ(answer.result_int(), 200u);
  client.reset();  // the clock stands still, so that it would be waited for
  stopping.join();
  EXPECT_THAT(values("events"), ElementsAre(kGood));
}

TEST_F(IngestTest, BrowsersOfAllowedOriginsMaySend) {
  options_.cors_origins = {"https://a.example"};
  start();
  const std::string ask =
      "OPTIONS /ingest/events HTTP/1.1\r\nHost: x\r\nAccess-Control-Request-Method: POST\r\nOrigin: ";
  EXPECT_EQ(send(ask + "https://a.example\r\n\r\n")["Access-Control-Allow-Origin"], "https://a.example");
  EXPECT_EQ(send(ask + "https://b.example\r\n\r\n").count("Access-Control-Allow-Origin"), 0u);
}

TEST_F(IngestTest, ServesItsDescription) {
  options_.openapi = [] { return std::string("{\"openapi\":\"3.1.0\"}"); };
  start();
  EXPECT_EQ(send("GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n").body(), "{\"openapi\":\"3.1.0\"}");
}

}  // namespace
}  // namespace eddy::host::test
