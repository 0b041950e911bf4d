// SPDX-License-Identifier: Apache-2.0
#include "contract/transport_contract.h"

namespace eddy::host::contract {

std::optional<std::string> own(Bytes bytes) {
  if (bytes.null()) return std::nullopt;
  return std::string(bytes.view());
}

Owned own(const Record& record) {
  Owned owned{own(record.key), own(record.value), {}, record.timestamp_us, record.offset, record.partition};
  for (const Header& header : record.headers) {
    owned.headers.emplace_back(std::string(header.name.view()), own(header.value));
  }
  return owned;
}

std::vector<Owned> poll_owned(Session& session, std::size_t count, Outcome outcome) {
  std::vector<Owned> all;
  while (all.size() < count) {
    auto polled = session.poll(kPatience, count - all.size());
    EXPECT_TRUE(polled.ok()) << polled.error().text;
    if (!polled || polled->empty()) break;
    for (const Record& record : *polled) {
      all.push_back(own(record));
      session.end(record, outcome);
    }
  }
  EXPECT_EQ(all.size(), count);
  return all;
}

std::vector<std::string> values(const std::vector<Owned>& records) {
  std::vector<std::string> values;
  for (const Owned& record : records) values.push_back(record.value.value_or("(null)"));
  return values;
}

std::vector<std::string> numbers(int from, int to) {
  std::vector<std::string> numbers;
  for (int i = from; i < to; ++i) numbers.push_back(std::to_string(i));
  return numbers;
}

void TransportContract::SetUp() {
  bed_ = GetParam().make();
  auto opened = bed_->open();
  ASSERT_TRUE(opened.ok()) << opened.error().text;
  transport_ = *std::move(opened);
}

StreamId TransportContract::make_stream(const std::string& name, std::uint32_t partitions) {
  auto made = transport_->ensure_stream({name, partitions, 0});
  EXPECT_TRUE(made.ok()) << made.error().text;
  return made ? *made : StreamId{};
}

std::unique_ptr<Session> TransportContract::session(const std::string& group, const std::string& stream,
                                                    std::uint32_t worker, std::uint32_t workers) {
  auto opened = transport_->open_session({group, stream, worker, workers});
  EXPECT_TRUE(opened.ok()) << opened.error().text;
  return opened ? *std::move(opened) : nullptr;
}

void TransportContract::append_numbers(StreamId to, int count, int first, std::optional<std::uint32_t> partition) {
  const std::vector<std::string> texts = numbers(first, first + count);
  std::vector<OutRecord> records;
  for (const std::string& text : texts) {
    OutRecord& record = records.emplace_back();
    record.value = text;
    record.partition = partition;
  }
  const auto appended = transport_->append(to, records);
  ASSERT_TRUE(appended.ok()) << appended.error().text;
}

std::map<std::uint32_t, std::vector<Owned>> TransportContract::browse(const std::string& stream) {
  std::map<std::uint32_t, std::vector<Owned>> all;
  auto browser = transport_->open_browser(stream);
  auto extents = transport_->positions("a group that is not there", stream);
  EXPECT_TRUE(browser.ok() && extents.ok());
  bed_->settle(stream, static_cast<std::uint32_t>(extents->size()), "");
  for (const Position& extent : *extents) {
    for (std::int64_t offset = extent.begin;;) {
      auto read = (*browser)->read(extent.partition, offset, 100);
      EXPECT_TRUE(read.ok()) << read.error().text;
      if (!read || read->empty()) break;
      for (const Record& record : *read) all[extent.partition].push_back(own(record));
      offset = read->back().offset + 1;
    }
  }
  return all;
}

std::vector<std::string> TransportContract::values_of(const std::string& stream, std::uint32_t partition) {
  return values(browse(stream)[partition]);
}

std::vector<Owned> TransportContract::copy_unit(Session& session, std::size_t max_records,
                                                std::optional<StreamId> out) {
  std::vector<Owned> unit;
  auto polled = session.poll(std::chrono::milliseconds(100), max_records);
  EXPECT_TRUE(polled.ok() || may_fail(polled.error())) << polled.error().text;
  if (!polled) return unit;
  for (const Record& record : *polled) {
    unit.push_back(own(record));
    if (out) {
      const auto written = session.write(*out, {record.key, record.value, record.headers, 1, record.partition});
      EXPECT_TRUE(written.ok()) << written.error().text;
    }
    session.end(record, Outcome::kDelivered);
  }
  if (const auto done = session.commit(); !done) {
    EXPECT_TRUE(may_fail(done.error()) || (!exact() && done.error().code == Code::kConflict)) << done.error().text;
    EXPECT_TRUE(session.abort().ok());
    unit.clear();
  }
  return unit;
}

Tally TransportContract::total_tally(const std::string& group, const std::string& stream) {
  Tally total;
  auto positions = transport_->positions(group, stream);
  if (positions) bed_->settle(stream, static_cast<std::uint32_t>(positions->size()), group);
  positions = transport_->positions(group, stream);
  EXPECT_TRUE(positions.ok()) << positions.error().text;
  for (const Position& position : *positions) {
    total.delivered += position.tally.delivered;
    total.filtered += position.tally.filtered;
    total.dead_lettered += position.tally.dead_lettered;
  }
  return total;
}

}  // namespace eddy::host::contract
