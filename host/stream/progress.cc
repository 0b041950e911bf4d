// SPDX-License-Identifier: Apache-2.0
#include "stream/progress.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/encoding.h"

namespace eddy::host {

namespace {

constexpr std::string_view kMagic = "eddy1";

void append_varint(std::string& out, std::uint64_t number) {
  for (; number >= 0x80; number >>= 7) out += static_cast<char>(number | 0x80);
  out += static_cast<char>(number);
}

// Takes numbers off a text's front; `ok` turns false at the first that is not there.
struct Reader {
  std::string_view text;
  bool ok = true;

  std::uint64_t varint() {
    std::uint64_t number = 0;
    for (unsigned shift = 0; shift < 64 && !text.empty(); shift += 7) {
      const auto byte = static_cast<unsigned char>(text.front());
      text.remove_prefix(1);
      number |= std::uint64_t{byte & 0x7fu} << shift;
      if (byte < 0x80) return number;
    }
    ok = false;
    return 0;
  }

  std::string_view word() {
    if (text.starts_with(' ')) text.remove_prefix(1);
    const std::string_view found = text.substr(0, text.find(' '));
    text.remove_prefix(found.size());
    return found;
  }

  std::uint64_t decimal() {
    const std::string_view digits = word();
    std::uint64_t number = 0;
    const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    ok = ok && parsed.ec == std::errc() && parsed.ptr == digits.data() + digits.size();
    return number;
  }
};

}  // namespace

void Tally::count(Outcome outcome) {
  switch (outcome) {
    case Outcome::kDelivered:
      ++delivered;
      break;
    case Outcome::kFiltered:
      ++filtered;
      break;
    case Outcome::kDeadLettered:
      ++dead_lettered;
      break;
    case Outcome::kMoved:
      ++moved;
      break;
  }
}

Tally& Tally::operator+=(const Tally& more) {
  delivered += more.delivered;
  filtered += more.filtered;
  dead_lettered += more.dead_lettered;
  moved += more.moved;
  return *this;
}

Result<Progress> Progress::decode(std::int64_t committed, std::string_view text) {
  Progress progress(committed);
  if (text.empty()) return progress;
  Reader reader{text};
  reader.ok = reader.word() == kMagic;
  Tally& tally = progress.tally_;
  for (std::uint64_t* count : {&tally.delivered, &tally.filtered, &tally.dead_lettered, &tally.moved}) {
    *count = reader.decimal();
  }
  const auto bytes = from_base64(reader.word());
  reader.ok = reader.ok && bytes && reader.text.empty();
  if (reader.ok && !bytes->empty()) {
    reader.text = *bytes;
    progress.frontier_ = committed + static_cast<std::int64_t>(reader.varint());
    for (std::int64_t offset = committed; reader.ok && !reader.text.empty();) {
      offset += static_cast<std::int64_t>(reader.varint());
      Wait wait{static_cast<std::uint32_t>(reader.varint()), 0};
      if (wait.attempts != 0) wait.due_us = static_cast<std::int64_t>(reader.varint()) * 1000;
      progress.held_.emplace_back(offset, wait);
    }
  }
  if (reader.ok) return progress;
  return Error{Code::kCorrupt, fmt::format("the metadata of offset {} is not Eddy's: expected \"{} …\", found \"{}\"",
                                           committed, kMagic, text.substr(0, 60))};
}

std::string Progress::encode() const {
  std::string out =
      fmt::format("{} {} {} {} {}", kMagic, tally_.delivered, tally_.filtered, tally_.dead_lettered, tally_.moved);
  if (held_.empty()) return out;
  std::string bytes;
  append_varint(bytes, static_cast<std::uint64_t>(frontier_ - committed()));
  std::int64_t last = committed();
  for (const auto& [offset, wait] : held_) {
    append_varint(bytes, static_cast<std::uint64_t>(offset - last));
    append_varint(bytes, wait.attempts);
    if (wait.attempts != 0) append_varint(bytes, static_cast<std::uint64_t>(wait.due_us / 1000));
    last = offset;
  }
  out += ' ';
  append_base64(out, bytes);
  return out;
}

const Wait* Progress::wait_of(std::int64_t offset) const {
  const auto at = std::ranges::lower_bound(held_, offset, {}, [](const auto& held) { return held.first; });
  return at != held_.end() && at->first == offset ? &at->second : nullptr;
}

void Progress::end(std::int64_t offset, Outcome outcome) {
  if (!held_.empty()) std::erase_if(held_, [&](const auto& held) { return held.first == offset; });
  frontier_ = std::max(frontier_, offset + 1);
  tally_.count(outcome);
}

void Progress::hold(std::int64_t offset, const Wait& wait) {
  const auto at = std::ranges::lower_bound(held_, offset, {}, [](const auto& held) { return held.first; });
  if (at != held_.end() && at->first == offset) {
    at->second = wait;
  } else {
    held_.insert(at, {offset, wait});
  }
  frontier_ = std::max(frontier_, offset + 1);
}

void Progress::skip_to(std::int64_t offset, bool with_held) {
  if (with_held) std::erase_if(held_, [&](const auto& held) { return held.first < offset; });
  frontier_ = std::max(frontier_, offset);
}

}  // namespace eddy::host
