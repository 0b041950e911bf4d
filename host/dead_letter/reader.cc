// SPDX-License-Identifier: Apache-2.0
#include "dead_letter/reader.h"

#include "dead_letter/digest.h"
#include "dead_letter/fingerprint.h"
#include "dead_letter/header_block.h"
#include "dead_letter/letter_headers.h"
#include "dead_letter/letter_json.h"

namespace eddy::host {

namespace {

constexpr std::size_t kPadding = 64;

// Defaults for all, but the vector of headers keeps its memory.
void reset(DeadLetter& letter) {
  std::vector<Header> headers = std::move(letter.headers);
  headers.clear();
  letter = DeadLetter();
  letter.headers = std::move(headers);
  letter.source = "transform";
}

}  // namespace

struct LetterReader::State {
  LetterJson json;
  LetterHeaders headers;
  LetterDigest digest;
  Fingerprint fingerprint;
  DeadLetter letter;
  std::string opened;

  Result<void> read_raw(const Record& record, std::span<const Header> added, bool facts_only);
  void complete(const Record& record);
};

// Letters of other writers carry no identity; these are as stable as their place in the queue.
void LetterReader::State::complete(const Record& record) {
  if (letter.hops == 0 || letter.first_function.empty()) letter.first_function = letter.function;
  if (letter.digest.empty()) letter.digest = digest.of_record(letter.key, letter.original, letter.headers);
  if (letter.id.empty()) {
    Origin place;
    place.partition = record.partition;
    place.offset = record.offset;
    letter.id = digest.id_of(place, letter.function, letter.error_type, letter.digest);
  }
  if (letter.fingerprint.empty()) {
    letter.fingerprint = fingerprint.of(letter.function, letter.error_type, letter.error_message, nullptr);
  }
}

Result<void> LetterReader::State::read_raw(const Record& record, std::span<const Header> added, bool facts_only) {
  headers.read(added, letter);
  if (letter.truncated || facts_only) return {};
  letter.original = record.value;
  if (letter.encrypted_with.empty()) return {};
  EDDY_TRY(open_sealed(opened, record.value.view(), letter.id, letter.digest));
  const std::size_t size = opened.size();
  opened.append(kPadding, '\0');
  letter.original = {opened.data(), size};
  return {};
}

LetterReader::LetterReader() : state_(std::make_unique<State>()) {}
LetterReader::~LetterReader() = default;

Result<const DeadLetter*> LetterReader::read(const Record& record) { return read(record, false); }
Result<const DeadLetter*> LetterReader::read_facts(const Record& record) { return read(record, true); }

Result<const DeadLetter*> LetterReader::read(const Record& record, bool facts_only) {
  State& state = *state_;
  DeadLetter& letter = state.letter;
  reset(letter);
  const SplitHeaders split = split_headers(record.headers);
  const auto added = record.headers.subspan(split.added_begin, split.added_end - split.added_begin);
  const auto before = record.headers.first(split.added_begin);
  const auto after = record.headers.subspan(split.added_end);
  letter.headers.insert(letter.headers.end(), before.begin(), before.end());
  letter.headers.insert(letter.headers.end(), after.begin(), after.end());
  letter.key = record.key;
  if (is_raw_letter(added)) {
    EDDY_TRY(state.read_raw(record, added, facts_only));
  } else if (record.value.null()) {
    return Error{Code::kBadData,
                 "the record is not a dead letter: its value is null and it has no header __eddy.errors.format"};
  } else {
    EDDY_TRY(state.json.read(record.value, letter, facts_only));
  }
  state.complete(record);
  return &letter;
}

}  // namespace eddy::host
