// SPDX-License-Identifier: Apache-2.0
// The memory of idempotency keys, read back when the host starts: an intent that was written is remembered with its
// answer, whatever else stands in the stream.
//
// The first byte: bit 0, the intent is marked as done; bit 1, another body comes with its key. Then, each after a byte
// that is its length: route, key, label, answer. Then the other entries of the stream: each a key and a value, alike.
#include <deque>
#include <vector>

#include "base/encoding.h"
#include "fuzz.h"
#include "ingest/idempotency_journal.h"
#include "support/manual_clock.h"
#include "support/scripted_ingest.h"

namespace eddy::fuzz {
namespace {

using namespace host;

// The entries, and then no more.
class EntriesBrowser final : public Browser {
 public:
  explicit EntriesBrowser(std::span<const Record> records) : records_(records) {}
  Result<std::span<const Record>> read(std::uint32_t, std::int64_t offset, std::size_t) override {
    return records_.subspan(std::min(static_cast<std::size_t>(offset), records_.size()));
  }
  void wait(std::chrono::milliseconds) override {}

 private:
  const std::span<const Record> records_;
};

class Entries final : public host::test::CountingTransport {
 public:
  void add(std::string_view key, std::string_view value) {
    keys_.emplace_back(key);
    values_.emplace_back(value);
    Record& record = records_.emplace_back();
    record.key = Bytes(keys_.back());
    record.value = Bytes(values_.back().view());
    record.offset = static_cast<std::int64_t>(records_.size()) - 1;
  }
  Result<std::unique_ptr<Browser>> open_browser(std::string_view) override {
    return std::unique_ptr<Browser>(std::make_unique<EntriesBrowser>(records_));
  }

 private:
  std::deque<std::string> keys_;
  std::deque<Padded> values_;
  std::vector<Record> records_;
};

void run(Input& input) {
  static const host::test::ManualClock clock;
  const std::uint8_t mode = input.byte();
  const std::string route(input.text()), key(input.text()), label(input.text()), answer(input.text());
  Intent intent;
  intent.id = key_id(route, key);
  intent.body = sha256(key);
  intent.stream = "events";
  intent.label = label;
  intent.at_us = clock.now_us();
  intent.status = 200;
  intent.answer = answer;
  const bool written = is_utf8(label) && is_utf8(answer);
  Entries entries;
  while (!input.empty()) {
    const std::string_view name = input.text(), value = input.text();
    entries.add(name, value);
  }
  if (written) entries.add(to_hex(intent.id), render_intent(intent));
  if (written && (mode & 1) != 0) entries.add(to_hex(intent.id), R"({"state":"done"})");
  IdempotencyKeys keys(100);
  require(IdempotencyJournal::open(entries, clock, keys).ok(), "whatever stands in the stream, the host starts");
  if (!written) return;
  const bool other = (mode & 2) != 0;
  const KeyState state = keys.claim(intent.id, sha256(other ? key + "x" : key), clock.now_us());
  if ((mode & 1) == 0) return require(state == KeyState::kNew, "a key whose request was not finished is new");
  require(state == (other ? KeyState::kOtherBody : KeyState::kDone), "a key that was done is remembered");
  if (other) return;
  require(keys.answer(intent.id).status == 200 && keys.answer(intent.id).body == answer, "with its answer");
}

}  // namespace
}  // namespace eddy::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  eddy::fuzz::Input input(data, size);
  eddy::fuzz::run(input);
  return 0;
}
