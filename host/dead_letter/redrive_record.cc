// SPDX-License-Identifier: Apache-2.0
#include "dead_letter/redrive_record.h"

#include <string>

namespace eddy::host {

namespace {

constexpr std::array<std::string_view, 2> kNames = {"__eddy.redrive.id", "__eddy.redrive.queue"};

}  // namespace

const OutRecord& RedriveRecord::wrap(const Record& letter, std::string_view redrive, std::string_view queue) {
  headers_.assign(letter.headers.begin(), letter.headers.end());
  headers_.push_back({kNames[0], redrive});
  headers_.push_back({kNames[1], queue});
  wrapped_ = {.key = letter.key, .value = letter.value, .headers = headers_, .timestamp_us = 0, .partition = {}};
  return wrapped_;
}

Result<RedriveRecord::Unwrapped> RedriveRecord::unwrap(const Record& record) {
  const std::size_t count = record.headers.size();
  std::array<std::string_view, kNames.size()> values;
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    const std::size_t from_end = kNames.size() - i;
    const std::string_view name = count < from_end ? "" : record.headers[count - from_end].name.view();
    if (name != kNames[i]) {
      return Error{Code::kBadData, "a record of a redrive stream: expected header " + std::string(kNames[i]) +
                                       " at place " + std::to_string(from_end) + " from the end, found " +
                                       (name.empty() ? "none" : std::string(name))};
    }
    values[i] = record.headers[count - from_end].value.view();
  }
  Unwrapped out{record, values[0], values[1]};
  out.letter.headers = record.headers.first(count - kNames.size());
  return out;
}

}  // namespace eddy::host
