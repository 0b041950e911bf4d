// SPDX-License-Identifier: Apache-2.0
// The body of an ingest request: unpacked, cut into elements, and sorted into records and letters.
//
// The first byte: bit 0, lines; bits 1 and 2, how it is packed; bit 3, the rich model. The rest is the body.
#include "dead_letter/reader.h"
#include "fuzz.h"
#include "ingest/sorter.h"
#include "models.h"
#include "reference.h"

namespace eddy::fuzz {
namespace {

using namespace host;

constexpr std::size_t kMostUnpacked = 64 << 10;
constexpr std::size_t kMaxRecordBytes = 512;
constexpr unsigned kMostJsonLevels = 1024;

IngestRoute route_of(const std::shared_ptr<const Model>& model) {
  IngestRoute route;
  route.name = "events";
  route.model = model;
  route.stream = "events";
  route.queue = "eventsDLQ";
  route.queue_options.max_record_bytes = 1 << 20;
  return route;
}

std::string_view without_space(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

// The elements as the other library sees them: of a document; none: it is no JSON.
std::optional<std::vector<Json>> elements_of(std::string_view document) {
  if (verdict_on(document) != Verdict::kJson) return std::nullopt;
  const Json json = Json::parse(document);
  if (levels_of(json) > kMostJsonLevels) return std::nullopt;
  if (!json.is_array()) return std::vector<Json>{json};
  return std::vector<Json>(json.begin(), json.end());
}

std::size_t lines_in(std::string_view body) {
  std::size_t count = 0;
  for (std::size_t begin = 0; begin < body.size();) {
    const std::size_t end = std::min(body.find('\n', begin), body.size());
    count += without_space(body.substr(begin, end - begin)).empty() ? 0 : 1;
    begin = end + 1;
  }
  return count;
}

void check_cut(BodyReader& reader, std::string_view body, const Model& model) {
  static Decoder decoder;
  std::string_view before = body.substr(0, 0);
  for (std::size_t i = 0; i < reader.size(); ++i) {
    const std::string_view text = reader.text(i);
    require(within(text, body), "an element is a part of the body");
    require(text.data() >= before.data() + before.size(), "elements come one after another");
    require(text == without_space(text), "an element has no white space around it");
    before = text;
    ModelError error, alone_error;
    const eddy_value* const row = reader.decode(model, i, error);
    const Padded alone(text);
    decoder.reset();
    const bool fits = decoder.decode(model, alone.view(), alone_error) != nullptr;
    require(fits == (row != nullptr), "an element is decoded in the body as it is alone");
    if (row == nullptr) require(error.message() == alone_error.message(), "and refused for the same reason");
  }
}

void check_letters(const AppendJob& job, std::string_view body, bool whole) {
  static LetterReader reader;
  for (const OutRecord& letter : job.letters) {
    const Padded value(letter.value.view());
    Record record;
    record.key = letter.key;
    record.value = Bytes(value.view());
    record.headers = letter.headers;
    const auto read = reader.read(record);
    require(read.ok(), "a letter can be read");
    const std::string_view original = (*read)->original.view();
    require(whole ? original == body : body.find(original) != body.npos, "a letter has the bytes that were sent");
    require((*read)->source == "api", "a letter comes from the API");
  }
}

void check_sorted(const Exchange& exchange, std::string_view body, std::size_t elements, bool json) {
  const AppendJob& job = exchange.job;
  require(job.records.size() == exchange.accepted, "what is accepted is a record");
  for (const OutRecord& record : job.records) {
    require(within(record.value.view(), body), "a record's value is a part of the body");
  }
  const Json answer = Json::parse(exchange.answer.body);
  require(answer["accepted"] == exchange.accepted, "the answer says what was accepted");
  require(answer.value("errors", Json::array()).size() == exchange.refused, "and has an error for each that was not");
  const bool blank = without_space(body).empty();
  if (json) {
    require(exchange.accepted + exchange.refused == elements, "each element is accepted or refused");
    require(job.letters.size() == exchange.refused, "what is refused is a letter");
  } else {
    require(exchange.accepted == 0 && exchange.refused == 1, "a body that is not JSON is refused whole");
    require(job.letters.size() == (blank ? 0 : 1), "and is one letter, unless it is empty");
  }
  check_letters(job, body, !json);
  const int status = exchange.refused == 0 ? 200 : exchange.accepted > 0 ? 207 : 400;
  require(exchange.answer.status == status, "the status says how many were accepted");
}

void run(std::string_view body, BodyFormat format, const std::shared_ptr<const IngestRoute>& route) {
  static BodyReader reader;
  static Sorter sorter(std::size_t{64} << 20);
  const bool cut = reader.open(body, format);
  if (cut) check_cut(reader, body, *route->model);
  const std::size_t found = cut ? reader.size() : 0;
  Exchange exchange;
  exchange.route = route;
  exchange.format = format;
  exchange.request_id = "r";
  exchange.arrived_us = 1'800'000'000'000'000;
  require(sorter.sort(body, exchange, "", kMaxRecordBytes).ok(), "nothing is refused for its size, nor for now");
  if (format == BodyFormat::kLines) {
    require(found == lines_in(body), "each line that is not blank is an element");
    return check_sorted(exchange, body, found, true);
  }
  const bool json = cut && reader.open(body, format) && reader.is_json();
  check_sorted(exchange, body, found, json);
  if (verdict_on(body) == Verdict::kUnknown) return;
  const auto elements = elements_of(body);
  require(elements.has_value() == json, "another library agrees on what is JSON");
  if (!json) return;
  require(elements->size() == found, "and on how many elements there are");
  for (std::size_t i = 0; i < found; ++i) require(Json::parse(reader.text(i)) == (*elements)[i], "and on each of them");
}

}  // namespace
}  // namespace eddy::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace eddy;
  static const auto small = std::make_shared<const host::IngestRoute>(fuzz::route_of(fuzz::small_model()));
  static const auto rich = std::make_shared<const host::IngestRoute>(fuzz::route_of(fuzz::rich_model()));
  fuzz::Input input(data, size);
  const std::uint8_t mode = input.byte();
  const auto format = (mode & 1) != 0 ? host::BodyFormat::kLines : host::BodyFormat::kDocument;
  const auto& route = (mode & 8) != 0 ? rich : small;
  const int packed = mode >> 1 & 3;
  const std::string_view bytes = input.rest();
  if (packed == 0) {
    const fuzz::Padded body(bytes);
    fuzz::run(body.view(), format, route);
    return 0;
  }
  std::string out;
  const auto packing = packed == 1 ? host::Packing::kGzip : host::Packing::kZstd;
  if (host::unpack(packing, bytes, fuzz::kMostUnpacked, out) != host::Unpacked::kDone) return 0;
  fuzz::require(out.size() <= fuzz::kMostUnpacked, "no more is unpacked than is allowed");
  const fuzz::Padded body(out);
  fuzz::run(body.view(), format, route);
  return 0;
}
