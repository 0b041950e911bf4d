// SPDX-License-Identifier: Apache-2.0
#include "cli/dry_transport.h"

#include <fmt/format.h>

namespace eddy::host {

namespace {

// Of streams that are only noted: above all that a transport gives.
constexpr std::uint32_t kFirstNoted = 1u << 31;
constexpr std::size_t kNotedRecordBytes = 1u << 20;

Error only_looking() { return {Code::kInternal, "this transport is only for looking at"}; }

}  // namespace

Result<StreamId> DryTransport::ensure_stream(const StreamSpec& spec) {
  wanted_.push_back(spec);
  const auto noted = static_cast<StreamId>(kFirstNoted + wanted_.size());
  if (under_ == nullptr) return noted;
  auto found = under_->find_stream(spec.name);
  if (!found && found.error().code == Code::kBadData) return noted;
  return found;
}

Result<StreamId> DryTransport::find_stream(std::string_view name) {
  if (under_ != nullptr) return under_->find_stream(name);
  return Error{Code::kBadData, fmt::format("there is no stream '{}'", name)};
}

Result<std::vector<StreamInfo>> DryTransport::list_streams() {
  return under_ != nullptr ? under_->list_streams() : std::vector<StreamInfo>();
}

Result<std::vector<Position>> DryTransport::positions(std::string_view group, std::string_view stream) {
  return under_ != nullptr ? under_->positions(group, stream) : std::vector<Position>();
}

Result<std::unique_ptr<Session>> DryTransport::open_session(const SessionSpec&) { return only_looking(); }

Result<std::unique_ptr<Browser>> DryTransport::open_browser(std::string_view stream) {
  if (under_ != nullptr) return under_->open_browser(stream);
  return only_looking();
}

Result<void> DryTransport::append(StreamId, std::span<const OutRecord>) { return only_looking(); }

std::size_t DryTransport::max_record_bytes(StreamId stream) const {
  const bool noted = static_cast<std::uint32_t>(stream) >= kFirstNoted;
  return noted || under_ == nullptr ? kNotedRecordBytes : under_->max_record_bytes(stream);
}

Result<std::uint64_t> DryTransport::apply_retention(std::int64_t) { return std::uint64_t{0}; }

}  // namespace eddy::host
