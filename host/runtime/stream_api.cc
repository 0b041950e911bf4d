// SPDX-License-Identifier: Apache-2.0
#include "runtime/stream_api.h"

#include <algorithm>
#include <limits>

#include "admin/schema.h"
#include "runtime/listings.h"
#include "runtime/record_json.h"
#include "runtime/redaction.h"

namespace eddy::host {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::int64_t kMostRecords = 1000;
constexpr std::int64_t kMostBytes = 16 << 20;
constexpr std::int64_t kUsualBytes = 1 << 20;
constexpr std::size_t kListedAtOnce = 100;

struct PeekRequest {
  std::uint32_t partition = 0;
  std::optional<std::int64_t> offset;  // none: the newest
  std::size_t limit = 0;
  std::size_t bytes = 0;
};

Result<PeekRequest> peek_request(const ApiRequest& request) {
  PeekRequest out;
  EDDY_ASSIGN(const std::int64_t partition, request.integer("partition", 0, 0, 1'000'000));
  EDDY_ASSIGN(const std::int64_t limit, request.integer("limit", 20, 1, kMostRecords));
  EDDY_ASSIGN(const std::int64_t bytes, request.integer("bytes", kUsualBytes, 1, kMostBytes));
  EDDY_ASSIGN(const std::int64_t offset, request.integer("offset", -1, 0, std::numeric_limits<std::int64_t>::max()));
  if (offset >= 0) out.offset = offset;
  out.partition = static_cast<std::uint32_t>(partition);
  out.limit = static_cast<std::size_t>(limit);
  out.bytes = static_cast<std::size_t>(bytes);
  return out;
}

ShownRecords showing(const HostView& view, const std::string& stream, bool reveal) {
  const auto pointers = view.redact.find(stream);
  if (reveal || pointers == view.redact.end()) return {};
  return {Mask(pointers->second), holds_letters(view.topology, stream)};
}

struct Peeked {
  Json records = Json::array();
  std::int64_t next = 0;  // where to go on
  std::size_t bytes = 0;
};

// One record is shown however large it is, or nobody could ever get past it.
Result<Peeked> peek(Browser& browser, const Position& position, const PeekRequest& request, const ShownRecords& shown) {
  const auto limit = static_cast<std::int64_t>(request.limit);
  Peeked out;
  out.next = std::max(position.begin, request.offset.value_or(position.end - limit));
  while (out.records.size() < request.limit) {
    const std::size_t wanted = std::min(request.limit - out.records.size(), kListedAtOnce);
    EDDY_ASSIGN(const auto records, browser.read(position.partition, out.next, wanted));
    if (records.empty()) return out;
    for (const Record& record : records) {
      const std::size_t size = record.key.view().size() + record.value.view().size();
      if (!out.records.empty() && out.bytes + size > request.bytes) return out;
      out.records.push_back(shown.json(record));
      out.bytes += size;
      out.next = record.offset + 1;
    }
  }
  return out;
}

HttpReply records_reply(const ApiRequest& request, const HostView& view, Transport& transport) {
  const std::string& stream = request.parameter("name");
  const auto asked = peek_request(request);
  if (!asked) return error_reply(asked.error());
  if (const auto found = transport.find_stream(stream); !found) {
    return found.error().code == Code::kBadData ? error_reply(404, found.error().text) : error_reply(found.error());
  }
  const auto positions = transport.positions("", stream);
  if (!positions) return error_reply(positions.error());
  const auto position = std::find_if(positions->begin(), positions->end(),
                                     [&](const Position& each) { return each.partition == asked->partition; });
  if (position == positions->end()) {
    return error_reply(404, "partition: expected one below " + std::to_string(positions->size()) + ", found " +
                                std::to_string(asked->partition));
  }
  const auto browser = transport.open_browser(stream);
  if (!browser) return error_reply(browser.error());
  const ShownRecords shown = showing(view, stream, request.flag("reveal") ? *request.flag("reveal") : false);
  auto peeked = peek(**browser, *position, *asked, shown);
  if (!peeked) return error_reply(peeked.error());
  Json partitions = Json::array();
  for (const Position& each : *positions) {
    partitions.push_back({{"partition", each.partition}, {"begin", each.begin}, {"end", each.end}});
  }
  return json_reply(200, {{"stream", stream},
                          {"partition", asked->partition},
                          {"records", std::move(peeked->records)},
                          {"next", peeked->next},
                          {"partitions", std::move(partitions)}});
}

Json records_schema() {
  using namespace schema;
  const Json bytes{{"description", "A string when the bytes are UTF-8, else as base64; null for null."},
                   {"anyOf", Json::array({text(), object({{"base64", text()}}), Json{{"type", "null"}}})}};
  const Json record =
      object({{"partition", integer()},
              {"offset", integer()},
              {"timestamp", time()},
              {"key", bytes},
              {"headers", array(object({{"name", bytes}, {"value", bytes}}))},
              {"value", bytes},
              {"masked", boolean("What `redact` names is hidden; of dead letters all but the place.")}});
  return object({{"stream", text()},
                 {"partition", integer()},
                 {"records", array(record, "The oldest first.")},
                 {"next", integer("The offset to go on with.")},
                 {"partitions", array(object({{"partition", integer()},
                                              {"begin", integer("The oldest offset held.")},
                                              {"end", integer("The next one to be written.")}}))}});
}

ApiRoute list_route(const HostViewBox& view, Transport& transport) {
  using namespace schema;
  const Json stream = object({{"stream", text()},
                              {"kind", choice({"stream", "dead letter queue"})},
                              {"partitions", integer()},
                              {"records", integer("Held now; on Kafka offsets.")},
                              {"bytes", integer("0 where it is not known.")},
                              {"retention_days", integer("0: for ever.")}});
  return {.path = "/api/v1/streams",
          .summary = "All streams, those of others too where the transport is shared",
          .reply = object({{"streams", array(stream)}}),
          .refusals = {503},
          .handler = [&view, &transport](const ApiRequest&) {
            auto streams = list_streams(view.get()->topology, transport);
            if (!streams) return error_reply(streams.error());
            return json_reply(200, {{"streams", *std::move(streams)}});
          }};
}

}  // namespace

void add_stream_routes(AdminServer& admin, const HostViewBox& view, Transport& transport) {
  using namespace schema;
  admin.route(list_route(view, transport));
  admin.route({.path = "/api/v1/streams/{name}/records",
               .summary = "Records of one partition of a stream, without consuming them",
               .query = {{"partition", "Which; 0 if it is not said.", integer()},
                         {"offset", "Where to begin; the newest `limit` if it is not said.", integer()},
                         {"limit", "Records at most, up to 1000; 20 if it is not said.", integer()},
                         {"bytes",
                          "Bytes of keys and values at most, up to 16 MiB, but one record always; 1 MiB if it "
                          "is not said.",
                          integer()},
                         {"reveal", "Show what `redact` masks.", boolean()}},
               .reply = records_schema(),
               .refusals = {404, 503},
               .reveals_by = "reveal",
               .handler = [&view, &transport](const ApiRequest& request) {
                 return records_reply(request, *view.get(), transport);
               }});
}

}  // namespace eddy::host
