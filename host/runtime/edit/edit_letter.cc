// SPDX-License-Identifier: Apache-2.0
#include "runtime/edit/edit_letter.h"

#include "dead_letter/digest.h"
#include "dead_letter/letter_state.h"
#include "dead_letter/queue_names.h"
#include "dead_letter/reader.h"
#include "dead_letter/writer.h"

namespace eddy::host {

namespace {

constexpr std::size_t kPadding = 64;

// What was made, read as anybody will read it.
Result<EditedLetter> read_back(const OutRecord& out, const std::string& queue) {
  std::string padded(out.value.view());
  padded.append(kPadding, '\0');
  Record record;
  record.key = out.key;
  record.value = out.value.null() ? Bytes() : Bytes(padded.data(), out.value.size());
  record.headers = out.headers;
  LetterReader reader;
  EDDY_ASSIGN(const DeadLetter* const letter, reader.read(record));
  if (letter->truncated) {
    return Error{Code::kTooLarge, "the corrected record does not fit into a letter of queue " + queue +
                                      "; expected less, or a queue whose stream takes larger records"};
  }
  return EditedLetter{queue, std::string(letter->id), std::string(letter->digest)};
}

// A host makes it when it starts; letters of an older one may be all that there is.
Result<StreamId> state_stream(Transport& transport) {
  if (auto there = transport.find_stream(kStateStream)) return there;
  return transport.ensure_stream({.name = kStateStream, .retention_days = 0, .compacted = true});
}

Result<void> discard(Transport& transport, const DeadLetter& letter, const EditedLetter& edited, const std::string& by,
                     std::int64_t now_us) {
  EDDY_ASSIGN(const StreamId states, state_stream(transport));
  LetterStateWriter writer;
  const OutRecord& record = writer.write({.id = std::string(letter.id),
                                          .queue = edited.queue,
                                          .state = LetterState::kDiscarded,
                                          .hops = letter.hops,
                                          .at_us = now_us,
                                          .by = by,
                                          .reason = "edited as " + edited.id});
  return transport.append(states, std::span(&record, 1));
}

}  // namespace

Result<EditedLetter> edit_letter(Transport& transport, const Settings& settings, const std::string& stream,
                                 const DeadLetter& letter, Bytes corrected, const std::string& by,
                                 std::int64_t now_us) {
  const std::string queue = base_queue(stream);
  LetterDigest digest;
  if (digest.of_record(letter.key, corrected, letter.headers) == letter.digest) {
    return Error{Code::kBadData, "the record is what it was: nothing was corrected"};
  }
  EDDY_ASSIGN(const StreamId id, transport.find_stream(queue));
  QueueOptions options = settings.queue(queue).options;
  options.max_record_bytes = transport.max_record_bytes(id);
  LetterWriter writer;
  const OutRecord& out = writer.write_edited(letter, corrected, now_us, options);
  EDDY_ASSIGN(EditedLetter edited, read_back(out, queue));
  EDDY_TRY(transport.append(id, std::span(&out, 1)));
  EDDY_TRY(discard(transport, letter, edited, by, now_us));
  return edited;
}

}  // namespace eddy::host
