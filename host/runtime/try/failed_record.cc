// SPDX-License-Identifier: Apache-2.0
#include "runtime/try/failed_record.h"

namespace eddy::host {

namespace {

std::string place_text(std::string_view stream, std::uint32_t partition, std::int64_t offset) {
  return std::string(stream) + "/" + std::to_string(partition) + "/" + std::to_string(offset);
}

}  // namespace

Task task_of(const DeadLetter& letter) {
  return {original_of(letter), {letter.origin_stream, letter.origin_partition, letter.origin_offset}, 0};
}

Result<Task> FailedRecords::of(const DeadLetter& letter) {
  if (!letter.truncated) return task_of(letter);
  EDDY_ASSIGN(const Task task, read_at(letter));
  const Record& record = task.record;
  if (!letter.digest.empty() && digest_.of_record(record.key, record.value, record.headers) != letter.digest) {
    return Error{Code::kBadData, "it is a pointer, and what it points to is another record by now"};
  }
  return task;
}

Result<Task> FailedRecords::read_at(const DeadLetter& letter) {
  if (!letter.previous_stream.empty()) {
    EDDY_ASSIGN(const Record record,
                record_at(letter.previous_stream, letter.previous_partition, letter.previous_offset));
    EDDY_ASSIGN(const DeadLetter* const whole, reader_.read(record));
    return task_of(*whole);
  }
  if (letter.origin_stream.empty()) {
    return Error{Code::kBadData, "it is a pointer to a request that came in over HTTP, which is kept nowhere"};
  }
  EDDY_ASSIGN(const Record record, record_at(letter.origin_stream, letter.origin_partition, letter.origin_offset));
  return Task{record, {letter.origin_stream, letter.origin_partition, letter.origin_offset}, 0};
}

Result<Record> FailedRecords::record_at(std::string_view stream, std::uint32_t partition, std::int64_t offset) {
  auto known = browsers_.find(stream);
  if (known == browsers_.end()) {
    EDDY_ASSIGN(auto browser, transport_.open_browser(stream));
    known = browsers_.emplace(stream, std::move(browser)).first;
  }
  EDDY_ASSIGN(const auto records, known->second->read(partition, offset, 1));
  if (records.empty() || records.front().offset != offset) {
    return Error{Code::kBadData,
                 "it is a pointer, and the record at " + place_text(stream, partition, offset) + " has gone"};
  }
  return records.front();
}

}  // namespace eddy::host
