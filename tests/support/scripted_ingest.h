// SPDX-License-Identifier: Apache-2.0
// Connections of the ingest server without sockets: bytes in, in pieces of any size, and bytes out.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "ingest/options.h"
#include "ingest/route.h"
#include "stream/transport.h"

namespace eddy::host::test {

// Takes every append, or none that is not the idempotency journal's; counts, and keeps nothing.
class CountingTransport : public Transport {
 public:
  static constexpr StreamId kRecords{1}, kLetters{2}, kOther{3};
  bool fails = false;
  std::uint64_t records = 0, letters = 0;

  Result<StreamId> ensure_stream(const StreamSpec&) override { return kOther; }
  Result<StreamId> find_stream(std::string_view) override { return kOther; }
  Result<std::vector<StreamInfo>> list_streams() override { return std::vector<StreamInfo>(); }
  Result<std::vector<Position>> positions(std::string_view, std::string_view) override {
    return std::vector<Position>();
  }
  Result<std::unique_ptr<Session>> open_session(const SessionSpec&) override;
  Result<std::unique_ptr<Browser>> open_browser(std::string_view) override;
  Result<void> append(StreamId to, std::span<const OutRecord> appended) override;
  std::size_t max_record_bytes(StreamId) const override { return 4096; }
  Result<std::uint64_t> apply_retention(std::int64_t) override { return std::uint64_t{0}; }
};

// One at a time. The clock stands still; requests without an id are counted from 1 in each connection.
class ScriptedIngest {
 public:
  // `routes` append to CountingTransport's streams.
  explicit ScriptedIngest(IngestRoutesPtr routes);
  ~ScriptedIngest();

  // What a client is answered that sends `sent`, in pieces of `piece` bytes (0: whole), and hangs up.
  std::string converse(CountingTransport& transport, const IngestOptions& options, std::string_view sent,
                       std::size_t piece);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace eddy::host::test
