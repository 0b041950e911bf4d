// SPDX-License-Identifier: Apache-2.0
// The fixture of the contract's tests, and what they all need.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "contract/transport_bed.h"

namespace eddy::host::contract {

// Long enough for whatever must come; nobody waits that long when it does.
inline constexpr std::chrono::milliseconds kPatience{60'000};
// For what must not come.
inline constexpr std::chrono::milliseconds kNoWait{0};

// A record that owns its bytes.
struct Owned {
  std::optional<std::string> key;
  std::optional<std::string> value;
  std::vector<std::pair<std::string, std::optional<std::string>>> headers;
  std::int64_t timestamp_us = 0;
  std::int64_t offset = 0;
  std::uint32_t partition = 0;
};

std::optional<std::string> own(Bytes bytes);
Owned own(const Record& record);

class TransportContract : public testing::TestWithParam<BedParam> {
 protected:
  void SetUp() override;

  // A stream of this name, created.
  StreamId make_stream(const std::string& name, std::uint32_t partitions = 1);
  std::unique_ptr<Session> session(const std::string& group, const std::string& stream, std::uint32_t worker = 0,
                                   std::uint32_t workers = 1);
  // Appends "0", "1", … "count-1" as values, without keys.
  void append_numbers(StreamId to, int count, int first = 0, std::optional<std::uint32_t> partition = {});
  // All records of a stream by partition, without consuming.
  std::map<std::uint32_t, std::vector<Owned>> browse(const std::string& stream);
  std::vector<std::string> values_of(const std::string& stream, std::uint32_t partition = 0);
  // Polls once, ends what came, and commits it; what the transport took back comes again later, and is not returned.
  std::vector<Owned> copy_unit(Session& session, std::size_t max_records, std::optional<StreamId> out = {});
  bool exact() const { return GetParam().exact; }
  // What others do to their partitions may be under way: it is tried again.
  bool may_fail(const Error& error) const { return !exact() && error.code == Code::kUnavailable; }
  Tally total_tally(const std::string& group, const std::string& stream);

  std::unique_ptr<TransportBed> bed_;
  std::unique_ptr<Transport> transport_;
};

// Polls until `count` records have come, at most.
std::vector<Owned> poll_owned(Session& session, std::size_t count, Outcome outcome = Outcome::kDelivered);
std::vector<std::string> values(const std::vector<Owned>& records);
std::vector<std::string> numbers(int from, int to);  // "from" … "to-1"

}  // namespace eddy::host::contract
