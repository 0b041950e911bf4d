// SPDX-License-Identifier: Apache-2.0
#include "letter_heap.h"

#include <filesystem>
#include <fstream>
#include <random>

#include "bench/turns.h"
#include "dead_letter/letter_state.h"
#include "dead_letter/writer.h"
#include "stream/embedded/embedded.h"

namespace eddy::bench {

namespace {

using namespace host;

constexpr std::size_t kUnit = 5000;  // letters of a commit
constexpr std::uint32_t kPartitions = 4;

class Heap {
 public:
  Heap(Transport& transport, std::size_t letters, std::size_t groups)
      : transport_(transport), letters_(letters), groups_(groups) {}

  void fill() {
    need(transport_.ensure_stream({.name = "orders", .partitions = 1}));
    need(transport_.ensure_stream({.name = kStateStream, .partitions = 1, .compacted = true}));
    const StreamId queue =
        need(transport_.ensure_stream({.name = kQueue, .partitions = kPartitions, .retention_days = 0}));
    const auto session = need(transport_.open_session({.group = "fill", .stream = "orders"}));
    for (std::size_t i = 0; i < letters_; ++i) {
      need(session->write(queue, letter(i)));
      if ((i + 1) % kUnit == 0) need(session->commit());
    }
    need(session->commit());
  }

 private:
  const OutRecord& letter(std::size_t i) {
    const std::size_t cause = random_() % groups_;
    type_ = "orders::cause_" + std::to_string(cause);
    function_ = "settle_" + std::to_string(cause % 20);
    message_ = "order " + std::to_string(random_() % 1'000'000) + " has no customer in region " +
               std::to_string(random_() % 100);
    key_ = "customer-" + std::to_string(random_() % 100'000);
    value_ = R"({"order":)" + std::to_string(i) + R"(,"customer":")" + key_ +
             R"(","items":[{"sku":"A-1022","price":19.9},{"sku":"B-7","price":5}],"note":"leave it at the door"})";
    const std::size_t size = value_.size();
    value_.append(64, ' ');
    Record record;
    record.key = key_;
    record.value = Bytes(value_.data(), size);
    record.offset = static_cast<std::int64_t>(i);
    record.timestamp_us = failed_at(i) - 1000;
    return writer_.write(record, failure(i, cause), {});
  }
  std::int64_t failed_at(std::size_t i) const {
    const double part = static_cast<double>(i) / static_cast<double>(letters_);
    return kNow - 30 * kDay + static_cast<std::int64_t>(part * static_cast<double>(30 * kDay));
  }
  Failure failure(std::size_t i, std::size_t cause) const {
    Failure failure;
    failure.error_type = type_;
    failure.error_message = message_;
    failure.function = function_;
    failure.plugin = "orders";
    failure.plugin_version = cause % 7 == 0 ? "1.1.0" : "1.0.0";
    failure.plugin_build_id = "0123456789abcdef0123456789abcdef01234567";
    failure.plugin_sha256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    failure.stream = "orders";
    failure.failed_at_us = failed_at(i);
    return failure;
  }

  Transport& transport_;
  const std::size_t letters_, groups_;
  std::mt19937_64 random_{7};
  LetterWriter writer_;
  std::string type_, function_, message_, key_, value_;
};

}  // namespace

std::unique_ptr<Transport> open_heap(const std::string& folder, std::size_t letters, std::size_t groups) {
  const std::string filled = folder + "/filled with " + std::to_string(letters) + " in " + std::to_string(groups);
  const bool there = std::filesystem::exists(filled);
  if (!there && !std::filesystem::is_empty(folder)) die(folder + ": expected an empty folder, or one filled before");
  auto transport = need(open_embedded({.data_dir = folder}));
  if (there) return transport;
  Heap(*transport, letters, groups).fill();
  std::ofstream(filled) << "\n";
  return transport;
}

}  // namespace eddy::bench
