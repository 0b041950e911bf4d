// SPDX-License-Identifier: Apache-2.0
// One stream that feeds one table.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

#include "dead_letter/letter.h"
#include "stream/transport.h"
#include "table/table_sink.h"

namespace eddy::host {

// What a feed is called: in its consumer group, in its positions, as the function of its dead letters. Another table
// is another feed, and is filled from the oldest record on.
inline std::string feed_name(std::string_view table, std::string_view stream) {
  return "table." + std::string(table) + "." + std::string(stream);
}

struct FeedSpec {
  std::string stream;
  TableSpec table;
  bool letters = false;  // the stream is a dead letter queue, the model that of letter_row.h
  std::string url;       // of the database; may hold a password

  std::string queue;    // of refused rows
  StreamId queue_id{};  // for a queue's own table: where its letters end that are refused
  QueueOptions queue_options;
  std::string plugin, plugin_version, plugin_build_id, plugin_sha256;  // who declared the stream

  std::size_t batch_rows = 10'000;
  std::size_t batch_bytes = std::size_t{8} << 20;
  std::chrono::milliseconds batch_time{100};

  std::string name() const { return feed_name(table.name, stream); }
};

}  // namespace eddy::host
