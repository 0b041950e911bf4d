// SPDX-License-Identifier: Apache-2.0
#include "dead_letter/redrive_record.h"

#include <string>

namespace eddy::host {

namespace {

constexpr std::array<std::string_view, 2> kRedriveHeaders = {"__eddy.redrive.id", "__eddy.redrive.queue"};

}  // namespace

const OutRecord& RedriveRecord::wrap(const Record& letter, std::string_view redrive, std::string_view queue) {
  headers_.assign(letter.headers.begin(), letter.headers.end());
  headers_.push_back({kRedriveHeaders[0], redrive});
  headers_.push_back({kRedriveHeaders[1], queue});
  wrapped_ = {.key = letter.key, .value = letter.value, .headers = headers_, .timestamp_us = 0, .partition = {}};
  return wrapped_;
}

Result<RedriveRecord::Unwrapped> RedriveRecord::unwrap(const Record& record) {
  const std::size_t count = record.headers.size();
  std::array<std::string_view, kRedriveHeaders.size()> values;
  for (std::size_t i = 0; i < kRedriveHeaders.size(); ++i) {
    const std::size_t from_end = kRedriveHeaders.size() - i;
    const std::string_view name = count < from_end ? "" : record.headers[count - from_end].name.view();
    if (name != kRedriveHeaders[i]) {
      return Error{Code::kBadData, "a record of a redrive stream: expected header " + std::string(kRedriveHeaders[i]) +
                                       " at place " + std::to_string(from_end) + " from the end, found " +
                                       (name.empty() ? "none" : std::string(name))};
    }
    values[i] = record.headers[count - from_end].value.view();
  }
  Unwrapped out{record, values[0], values[1]};
  out.letter.headers = record.headers.first(count - kRedriveHeaders.size());
  return out;
}

}  // namespace eddy::host
