// SPDX-License-Identifier: Apache-2.0
// A transport that makes nothing: for looking at what a host would do.
#pragma once

#include <string>
#include <vector>

#include "stream/transport.h"

namespace eddy::host {

// What is there comes from the transport under it; what would be created is only noted. Not thread-safe.
class DryTransport final : public Transport {
 public:
  // Null: nothing is there yet. Else it must outlive this.
  explicit DryTransport(Transport* under) : under_(under) {}

  // All streams that were asked for, in that order.
  const std::vector<StreamSpec>& wanted() const { return wanted_; }

  Result<StreamId> ensure_stream(const StreamSpec& spec) override;
  Result<StreamId> find_stream(std::string_view name) override;
  Result<std::vector<StreamInfo>> list_streams() override;
  Result<std::vector<Position>> positions(std::string_view group, std::string_view stream) override;
  Result<std::unique_ptr<Session>> open_session(const SessionSpec& spec) override;
  Result<std::unique_ptr<Browser>> open_browser(std::string_view stream) override;
  Result<void> append(StreamId to, std::span<const OutRecord> records) override;
  std::size_t max_record_bytes(StreamId stream) const override;
  Result<std::uint64_t> apply_retention(std::int64_t now_us) override;

 private:
  Transport* const under_;
  std::vector<StreamSpec> wanted_;
};

}  // namespace eddy::host
