// SPDX-License-Identifier: Apache-2.0
// Dead letters: what is written reads back as the exact record, however often it fails again; and whatever else stands
// in a queue is read, or refused with a reason, and what was read once keeps its bytes on the way back.
//
// The first byte, from bit 0 on: raw; camel case; 2 bits of headers for other tools; context headers; from an API; with
// a fault; a letter of somebody else's. The second: null key; null value; null values of headers; a small limit; 3 bits
// of how many headers. Then texts, each after a byte that is its length: key, error type and message, names of function
// and stream, and of each header name and value. The rest is the value.
#include <algorithm>
#include <deque>
#include <vector>

#include "base/encoding.h"
#include "dead_letter/reader.h"
#include "dead_letter/writer.h"
#include "fuzz.h"
#include "reference.h"

namespace eddy::fuzz {
namespace {

using namespace host;

constexpr std::size_t kLarge = std::size_t{16} << 20;
constexpr std::size_t kSmall = 4096;
constexpr int kHops = 3;

// A record that owns its bytes.
class Kept {
 public:
  Kept(Bytes key, Bytes value, std::span<const Header> headers)
      : key_(key.view()), value_(value.view()), null_key_(key.null()), null_value_(value.null()) {
    for (const Header& header : headers) {
      names_.emplace_back(header.name.view());
      values_.emplace_back(header.value.view());
      headers_.push_back({Bytes(names_.back()), header.value.null() ? Bytes() : Bytes(values_.back())});
    }
  }
  explicit Kept(const OutRecord& out) : Kept(out.key, out.value, out.headers) {}
  Kept(const Kept&) = delete;
  Kept& operator=(const Kept&) = delete;

  Record record() const {
    Record record;
    if (!null_key_) record.key = Bytes(key_);
    if (!null_value_) record.value = Bytes(value_.view());
    record.headers = headers_;
    record.timestamp_us = 1'700'000'000'123'456;
    record.offset = 123;
    record.partition = 4;
    return record;
  }

 private:
  const std::string key_;
  const Padded value_;
  const bool null_key_, null_value_;
  std::deque<std::string> names_, values_;
  std::vector<Header> headers_;
};

bool same(std::span<const Header> a, std::span<const Header> b) {
  return std::ranges::equal(a, b,
                            [](const Header& x, const Header& y) { return x.name == y.name && x.value == y.value; });
}

// What functions and streams may be called.
std::string name_of(std::string_view text) {
  static constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";
  std::string name = "f";
  for (const char c : text.substr(0, 199)) name += kLetters[static_cast<std::uint8_t>(c) % kLetters.size()];
  return name;
}

const LetterFault& fault() {
  static const LetterFault one{
      "SIGSEGV",
      1,
      "events.so+0x2f31",
      {{"memcpy", "libc.so.6+0x1000", false}, {"parse(char const*)", "events.so+0x2f31 (a.cc:41)", true}}};
  return one;
}

class Letters {
 public:
  explicit Letters(Input& input) {
    const std::uint8_t mode = input.byte(), shape = input.byte();
    options_.format = (mode & 1) != 0 ? QueueFormat::kRaw : QueueFormat::kEnvelope;
    options_.casing = (mode & 2) != 0 ? Casing::kCamel : Casing::kSnake;
    options_.header_compat = static_cast<HeaderCompat>((mode >> 2 & 3) % 3);
    options_.context_headers = (mode & 16) != 0;
    options_.max_record_bytes = (shape & 8) != 0 ? kSmall : kLarge;
    foreign_ = (mode & 128) != 0;
    const std::string_view key = input.text();
    type_ = input.text();
    message_ = input.text();
    function_ = name_of(input.text());
    stream_ = name_of(input.text());
    std::vector<Header> headers;
    for (int i = shape >> 4 & 7; i > 0; --i) {
      const std::string_view name = input.text(), value = input.text();
      headers.push_back({Bytes(name), (shape & 4) != 0 ? Bytes() : Bytes(value)});
    }
    record_.emplace((shape & 1) != 0 ? Bytes() : Bytes(key), (shape & 2) != 0 ? Bytes() : Bytes(input.rest()), headers);
    failure_.error_type = type_;
    failure_.error_message = message_;
    failure_.function = function_;
    failure_.plugin = "events";
    failure_.stream = stream_;
    failure_.failed_at_us = 1'763'929'865'000'123;
    if ((mode & 32) != 0) {
      failure_.source = "api";
      failure_.route = "events/2";
      failure_.request_id = "r-1";
    }
    if ((mode & 64) != 0) failure_.fault = &fault();
  }

  void check() {
    if (foreign_) return check_foreign();
    const Record original = record_->record();
    const OutRecord& out = writer_.write(original, failure_, options_);
    check_form(out);
    const std::string id(writer_.id()), fingerprint(writer_.fingerprint());
    const Kept stored(out);
    const DeadLetter& letter = read(stored);
    require(letter.id == id && letter.fingerprint == fingerprint, "a letter keeps its id and fingerprint");
    require(letter.source == failure_.source && letter.function == function_, "and where it comes from");
    if (is_utf8(type_) && options_.max_record_bytes == kLarge)
      require(letter.error_type == type_, "and what was thrown");
    if (letter.truncated) {
      require(options_.max_record_bytes == kSmall, "only what is too large becomes a pointer");
      return check_again(stored, nullptr);
    }
    check_original(letter, original);
    check_again(stored, &original);
  }

 private:
  const DeadLetter& read(const Kept& stored) {
    const auto read = reader_.read(stored.record());
    require(read.ok(), "a letter can be read");
    return **read;
  }

  void check_form(const OutRecord& out) const {
    require(size_of(out) + 4 * out.headers.size() <= options_.max_record_bytes, "a letter fits into its queue");
    if (options_.format == QueueFormat::kRaw) return;
    require(verdict_on(out.value.view()) != Verdict::kOther, "an envelope is JSON");
  }

  void check_original(const DeadLetter& letter, const Record& original) const {
    require(letter.original == original.value, "a letter has the exact value");
    require(letter.key == original.key, "and the exact key");
    require(same(letter.headers, original.headers), "and the exact headers");
  }

  // `original` null: it is a pointer, and stays one.
  void check_again(const Kept& first, const Record* original) {
    const std::string id(read(first).id), digest(read(first).digest);
    std::unique_ptr<Kept> at;
    for (int hop = 1; hop <= kHops; ++hop) {
      const Kept& before = at == nullptr ? first : *at;
      const OutRecord& out = writer_.write_again(before.record(), read(before), failure_, options_);
      require(writer_.parked() == (static_cast<std::uint32_t>(hop) >= options_.max_hops), "it is parked in the end");
      check_form(out);
      auto next = std::make_unique<Kept>(out);
      const DeadLetter& letter = read(*next);
      require(letter.hops == static_cast<std::uint32_t>(hop), "each hop counts");
      require(letter.id == id && letter.digest == digest, "id and digest stay");
      require(letter.truncated == (original == nullptr), "a letter on its way back loses nothing");
      if (original != nullptr) check_original(letter, *original);
      at = std::move(next);
    }
  }

  // The record is a letter of another writer's, or none at all.
  void check_foreign() {
    const Record record = record_->record();
    const auto read = reader_.read(record);
    if (!read) return require(!read.error().text.empty(), "a refusal says why");
    const DeadLetter& letter = **read;
    const bool null = letter.original.null();
    const std::string original(letter.original.view());
    const std::string id(letter.id);
    const bool truncated = letter.truncated;
    const Kept headers(letter.key, Bytes(), letter.headers);
    QueueOptions large = options_;
    large.max_record_bytes = kLarge;
    const Kept stored(writer_.write_again(record, letter, failure_, large));
    const DeadLetter& again = this->read(stored);
    require(again.truncated == truncated, "a pointer stays a pointer, and a letter a letter");
    require(again.original.null() == null && again.original.view() == original, "another's letter keeps its bytes");
    require(same(again.headers, headers.record().headers), "and its headers");
    require(!is_utf8(id) || again.id == id, "and its id");
  }

  QueueOptions options_;
  Failure failure_;
  std::string type_, message_, function_, stream_;
  bool foreign_ = false;
  std::optional<Kept> record_;
  static inline LetterWriter writer_;  // as a worker has them: from letter to letter
  static inline LetterReader reader_;
};

}  // namespace
}  // namespace eddy::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  eddy::fuzz::Input input(data, size);
  eddy::fuzz::Letters(input).check();
  return 0;
}
