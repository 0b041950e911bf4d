// SPDX-License-Identifier: Apache-2.0
// What a dead letter costs: a 200-byte JSON record with an eight-byte key.
#include <benchmark/benchmark.h>

#include <string>
#include <vector>

#include "dead_letter/digest.h"
#include "dead_letter/fingerprint.h"
#include "dead_letter/original.h"
#include "dead_letter/reader.h"
#include "dead_letter/writer.h"

namespace {

using namespace eddy::host;

// Bytes followed by the padding that transports give.
class Padded {
 public:
  explicit Padded(std::string_view text) : text_(text), size_(text.size()) { text_.append(64, ' '); }
  Bytes bytes() const { return {text_.data(), size_}; }

 private:
  std::string text_;
  std::size_t size_;
};

std::string json_record() {
  return R"({"user_id":"user-123456","action":"page_view","timestamp":1763929865.123,"session":"9f8e7d6c5b4a",)"
         R"("page":"/products/42/reviews","referrer":"https://example.com/search?q=eddy","duration_ms":1532,"ok":true})";
}

Failure failure(std::size_t i) {
  // Messages that differ only in a number, as those of a real cause do.
  static const std::vector<std::string> messages = [] {
    std::vector<std::string> all;
    for (int n = 0; n < 64; ++n) all.push_back("Invalid timestamp: cannot be negative: -" + std::to_string(n * 37));
    return all;
  }();
  Failure failed;
  failed.error_type = "std::invalid_argument";
  failed.error_message = messages[i % messages.size()];
  failed.function = "raw_events__process_event";
  failed.plugin = "events";
  failed.plugin_version = "1.2.0";
  failed.plugin_build_id = "0123456789abcdef0123456789abcdef01234567";
  failed.plugin_sha256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
  failed.stream = "raw_events";
  failed.failed_at_us = 1'763'929'865'000'123 + static_cast<std::int64_t>(i);
  return failed;
}

Record record(const Padded& value, std::size_t i) {
  Record made;
  made.key = "user-123";
  made.value = value.bytes();
  made.timestamp_us = 1'763'929'860'000'000 + static_cast<std::int64_t>(i) * 1000;
  made.offset = static_cast<std::int64_t>(i);
  return made;
}

void write(benchmark::State& state, const std::string& text, const QueueOptions& options) {
  LetterWriter writer;
  const Padded value(text);
  std::size_t i = 0;
  std::size_t bytes = 0;
  for (auto _ : state) {
    const OutRecord& out = writer.write(record(value, i), failure(i), options);
    benchmark::DoNotOptimize(out.value.data());
    bytes = out.value.size();
    ++i;
  }
  state.counters["record_bytes"] = static_cast<double>(text.size());
  state.counters["letter_bytes"] = static_cast<double>(bytes);
}

QueueOptions options(QueueFormat format, bool context_headers) {
  QueueOptions queue;
  queue.format = format;
  queue.context_headers = context_headers;
  return queue;
}

void envelope(benchmark::State& state) { write(state, json_record(), options(QueueFormat::kEnvelope, false)); }
BENCHMARK(envelope);

void envelope_of_text(benchmark::State& state) {
  write(state, "not JSON: " + json_record(), options(QueueFormat::kEnvelope, false));
}
BENCHMARK(envelope_of_text);

void envelope_of_binary(benchmark::State& state) {
  write(state, "\xFF" + json_record(), options(QueueFormat::kEnvelope, false));
}
BENCHMARK(envelope_of_binary);

void envelope_with_context_headers(benchmark::State& state) {
  write(state, json_record(), options(QueueFormat::kEnvelope, true));
}
BENCHMARK(envelope_with_context_headers);

void raw(benchmark::State& state) { write(state, json_record(), options(QueueFormat::kRaw, true)); }
BENCHMARK(raw);

// The parts of an envelope.
void part_digest(benchmark::State& state) {
  LetterDigest digest;
  const Padded value(json_record());
  for (auto _ : state) benchmark::DoNotOptimize(digest.of_record("user-123", value.bytes(), {}).data());
}
BENCHMARK(part_digest);

void part_id(benchmark::State& state) {
  LetterDigest digest;
  const std::string of_record(64, 'a');
  Origin origin;
  origin.stream = "raw_events";
  for (auto _ : state) {
    benchmark::DoNotOptimize(
        digest.id_of(origin, "raw_events__process_event", "std::invalid_argument", of_record).data());
  }
}
BENCHMARK(part_id);

void part_fingerprint(benchmark::State& state) {
  Fingerprint fingerprint;
  std::size_t i = 0;
  for (auto _ : state) {
    const Failure failed = failure(i++);
    benchmark::DoNotOptimize(fingerprint.of(failed.function, failed.error_type, failed.error_message, nullptr).data());
  }
}
BENCHMARK(part_fingerprint);

void part_original(benchmark::State& state) {
  OriginalEncoder encoder;
  const Padded value(json_record());
  std::string out;
  for (auto _ : state) {
    out.clear();
    benchmark::DoNotOptimize(encoder.append(out, value.bytes()));
  }
}
BENCHMARK(part_original);

void read(benchmark::State& state, QueueFormat format) {
  LetterWriter writer;
  LetterReader reader;
  const Padded value(json_record());
  Record stored;
  const OutRecord& out = writer.write(record(value, 1), failure(1), options(format, false));
  const Padded letter_value(out.value.view());
  stored.key = out.key;
  stored.value = letter_value.bytes();
  stored.headers = out.headers;
  for (auto _ : state) {
    const auto letter = reader.read(stored);
    if (!letter.ok()) return state.SkipWithError(letter.error().text.c_str());
    benchmark::DoNotOptimize((*letter)->original.data());
  }
}

void read_envelope(benchmark::State& state) { read(state, QueueFormat::kEnvelope); }
BENCHMARK(read_envelope);

void read_raw(benchmark::State& state) { read(state, QueueFormat::kRaw); }
BENCHMARK(read_raw);

}  // namespace

BENCHMARK_MAIN();
