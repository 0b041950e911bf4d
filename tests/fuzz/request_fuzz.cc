// SPDX-License-Identifier: Apache-2.0
// What comes over a connection of the ingest server: whatever the bytes, they are answered the same in whatever pieces
// they come, each answer is a response, and 2xx is said of what was appended and of nothing else.
//
// The first byte: how large the pieces are. The second: bit 0, appends fail; bit 1, a token is asked for. The rest is
// sent.
#include <boost/algorithm/string/find.hpp>
#include <nlohmann/json.hpp>
#include <vector>

#include "fuzz.h"
#include "ingest/answer.h"
#include "ingest/authority.h"
#include "ingest/token.h"
#include "models.h"
#include "support/scripted_ingest.h"

namespace eddy::fuzz {
namespace {

using namespace host;
using host::test::CountingTransport;
using host::test::ScriptedIngest;
using Json = nlohmann::json;

constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
constexpr const char* kToken = "eddy_fuzz";

IngestOptions make_options(bool token) {
  IngestOptions options;
  options.max_body_bytes = 16 << 10;
  options.max_idempotency_keys = 16;
  options.cors_origins = {"https://a.example"};
  options.openapi = [] { return std::string(R"({"openapi":"3.1.0"})"); };
  if (!token) return options;
  IngestSettings settings;
  settings.tokens.push_back({"fuzz", "sha256:" + to_hex(token_digest(kToken)), {"events"}, ""});
  options.authority = *Authority::make(settings);
  return options;
}

IngestRoutesPtr make_routes() {
  auto route = std::make_shared<IngestRoute>();
  route->name = "events";
  route->model = small_model();
  route->stream = "events";
  route->stream_id = CountingTransport::kRecords;
  route->queue = "eventsDLQ";
  route->queue_id = CountingTransport::kLetters;
  auto routes = std::make_shared<IngestRoutes>();
  (*routes)["events"] = route;
  return routes;
}

struct Response {
  int status = 0;
  std::string_view head, body;
};

std::size_t length_of(std::string_view head) {
  static constexpr std::string_view kName = "\r\nContent-Length: ";
  const std::size_t at = head.find(kName);
  return at == head.npos ? 0 : static_cast<std::size_t>(std::atoll(head.data() + at + kName.size()));
}

// An answer to HEAD has a length and no body; all bodies are JSON, and none begins as a response does.
std::vector<Response> responses_in(std::string_view bytes) {
  std::vector<Response> all;
  while (!bytes.empty()) {
    require(bytes.starts_with("HTTP/1.1 "), "an answer begins as one");
    const std::size_t end = bytes.find("\r\n\r\n");
    require(end != bytes.npos, "an answer has a head");
    Response response{std::atoi(bytes.data() + 9), bytes.substr(0, end + 2), {}};
    bytes.remove_prefix(end + 4);
    if (!bytes.empty() && !bytes.starts_with("HTTP/1.1 ")) {
      const std::size_t length = length_of(response.head);
      require(length <= bytes.size(), "an answer is whole");
      response.body = bytes.substr(0, length);
      bytes.remove_prefix(length);
    }
    require(response.status == 100 || reason_of(response.status) != "Unknown", "an answer has a status we know");
    all.push_back(response);
  }
  return all;
}

std::string without_continue(std::string text) {
  for (std::size_t at = 0; (at = text.find(kContinue, at)) != text.npos;) text.erase(at, kContinue.size());
  return text;
}

void check_answers(const std::vector<Response>& responses, const CountingTransport& transport, std::string_view sent,
                   bool token) {
  std::uint64_t accepted = 0;
  for (const Response& response : responses) {
    if (response.status == 100 || response.body.empty()) continue;
    const Json body = Json::parse(response.body);
    if (response.status == 200 || response.status == 207) accepted += body.value("accepted", std::uint64_t{0});
  }
  // A key that was seen before is answered and not appended.
  const bool keyed = !boost::algorithm::ifind_first(sent, "idempotency-key").empty();
  require(keyed ? accepted >= transport.records : accepted == transport.records, "2xx is said of what was appended");
  if (transport.fails) require(transport.records == 0, "and never of what was not");
  const bool known = sent.find(kToken) != sent.npos;
  if (token && !known) require(transport.records == 0 && transport.letters == 0, "nobody comes in without a token");
}

void run(Input& input) {
  static ScriptedIngest ingest(make_routes());
  static const IngestOptions open = make_options(false), closed = make_options(true);
  const std::size_t piece = std::max<std::size_t>(input.byte(), 1);
  const std::uint8_t mode = input.byte();
  const bool token = (mode & 2) != 0;
  const std::string_view sent = input.rest();
  CountingTransport whole, pieces;
  whole.fails = pieces.fails = (mode & 1) != 0;
  const std::string answered = ingest.converse(whole, token ? closed : open, sent, 0);
  const std::string again = ingest.converse(pieces, token ? closed : open, sent, piece);
  check_answers(responses_in(answered), whole, sent, token);
  require(without_continue(answered) == without_continue(again), "pieces are answered as the whole is");
  require(whole.records == pieces.records && whole.letters == pieces.letters, "and written as the whole is");
}

}  // namespace
}  // namespace eddy::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  eddy::fuzz::Input input(data, size);
  eddy::fuzz::run(input);
  return 0;
}
