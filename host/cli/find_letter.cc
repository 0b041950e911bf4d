// SPDX-License-Identifier: Apache-2.0
#include "cli/find_letter.h"

#include <tuple>

#include "dead_letter/queue_names.h"
#include "function/runner.h"

namespace eddy::host {

namespace {

constexpr std::size_t kWalkAtOnce = 1000;

struct Found {
  std::string queue{};
  std::uint32_t partition = 0;
  std::int64_t offset = 0;
  std::string id{};
  std::uint32_t hops = 0;
  std::int64_t failed_us = 0;
  // Of versions of one letter the newest is the last: the order of the triage index.
  auto age() const { return std::tuple(hops, failed_us, queue.ends_with(kParkedSuffix), partition, offset); }
};

// Streams of functions, in which letters of queues stand as well while they are on their way.
bool is_a_way(const std::string& stream) {
  return stream.ends_with(redrive_stream_of("")) || stream.ends_with(retry_stream_of(""));
}

Result<Found> place_of(Transport& transport, const std::string& wanted) {
  EDDY_ASSIGN(const auto streams, transport.list_streams());
  Found newest;
  bool more = false;
  for (const StreamInfo& stream : streams) {
    const auto visit = [&](const Record& record, const DeadLetter& letter) {
      if (!letter.id.starts_with(wanted)) return true;
      more = more || (!newest.id.empty() && letter.id != newest.id);
      const std::int64_t failed_us = letter.failed_at_us != 0 ? letter.failed_at_us : record.timestamp_us;
      Found found{stream.name, record.partition, record.offset, std::string(letter.id), letter.hops, failed_us};
      if (newest.id.empty() || newest.age() < found.age()) newest = std::move(found);
      return !more;
    };
    if (!is_a_way(stream.name)) EDDY_TRY(walk_letters(transport, stream.name, visit));
  }
  if (newest.id.empty()) return Error{Code::kBadData, "no dead letter has an id that begins with " + wanted};
  if (more) {
    return Error{Code::kBadData,
                 "more than one dead letter has an id that begins with " + wanted + "; give more of it"};
  }
  return newest;
}

}  // namespace

Result<void> walk_letters(Transport& transport, const std::string& queue,
                          const std::function<bool(const Record& record, const DeadLetter& letter)>& visit) {
  EDDY_ASSIGN(const auto positions, transport.positions("", queue));
  EDDY_ASSIGN(const auto browser, transport.open_browser(queue));
  LetterReader reader;
  for (const Position& position : positions) {
    for (std::int64_t next = position.begin; next < position.end;) {
      EDDY_ASSIGN(const auto records, browser->read(position.partition, next, kWalkAtOnce));
      if (records.empty()) break;
      for (const Record& record : records) {
        const auto letter = reader.read_facts(record);
        if (letter && !visit(record, **letter)) return {};
      }
      next = records.back().offset + 1;
    }
  }
  return {};
}

Result<int> with_letter(Transport& transport, const std::string& id,
                        const std::function<Result<int>(const FoundLetter& found)>& use) {
  EDDY_ASSIGN(const Found place, place_of(transport, id));
  EDDY_ASSIGN(const auto browser, transport.open_browser(place.queue));
  EDDY_ASSIGN(const auto records, browser->read(place.partition, place.offset, 1));
  if (records.empty() || records.front().offset != place.offset) {
    return Error{Code::kBadData, "the dead letter " + id + " has gone: its retention has passed"};
  }
  LetterReader reader;
  EDDY_ASSIGN(const DeadLetter* const letter, reader.read(records.front()));
  return use({place.queue, records.front(), letter});
}

}  // namespace eddy::host
