// SPDX-License-Identifier: Apache-2.0
// Chunks of the embedded store: bytes that are one are read, written again and read the same; from any offset on.
//
// The first byte: how many records there should be. The second: from which on. The rest is the chunk.
#include "fuzz.h"
#include "stream/embedded/chunk.h"

namespace eddy::fuzz {
namespace {

using namespace host;
using embedded::ChunkHeader;
using embedded::ChunkWriter;
using embedded::RecordBatch;

constexpr std::int64_t kBase = 1000;

bool same(const Record& a, const Record& b) {
  if (a.key != b.key || a.value != b.value || a.timestamp_us != b.timestamp_us || a.offset != b.offset) return false;
  if (a.headers.size() != b.headers.size()) return false;
  for (std::size_t i = 0; i < a.headers.size(); ++i) {
    if (a.headers[i].name != b.headers[i].name || a.headers[i].value != b.headers[i].value) return false;
  }
  return true;
}

void check_inside(const Record& record, std::string_view bytes) {
  require(record.key.null() || within(record.key.view(), bytes), "a key is inside of the chunk");
  require(record.value.null() || within(record.value.view(), bytes), "a value is inside of the chunk");
  for (const Header& header : record.headers) {
    require(within(header.name.view(), bytes), "a header's name is inside of the chunk");
    require(header.value.null() || within(header.value.view(), bytes), "a header's value is inside of the chunk");
  }
}

void check_rest(std::string_view bytes, const ChunkHeader& header, std::int64_t from, std::span<const Record> all) {
  RecordBatch batch;
  require(batch.decode(bytes, header, from), "a chunk can be read from any offset on");
  const auto skipped = static_cast<std::size_t>(std::min<std::int64_t>(from - kBase, header.count));
  const std::span<const Record> rest = batch.records();
  require(rest.size() == all.size() - skipped, "records before are left out");
  for (std::size_t i = 0; i < rest.size(); ++i) require(same(rest[i], all[skipped + i]), "and the others are the same");
}

void check_round(const ChunkHeader& header, std::span<const Record> all) {
  ChunkWriter writer;
  for (const Record& record : all)
    writer.append({record.key, record.value, record.headers, 0, {}}, record.timestamp_us);
  require(writer.count() == header.count, "the writer counts");
  RecordBatch batch;
  require(batch.decode(writer.bytes(), header, kBase), "what was written can be read");
  const std::span<const Record> again = batch.records();
  require(again.size() == all.size(), "as many records come back");
  for (std::size_t i = 0; i < all.size(); ++i) require(same(again[i], all[i]), "each as it was");
}

}  // namespace
}  // namespace eddy::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace eddy;
  fuzz::Input input(data, size);
  fuzz::ChunkHeader header;
  header.base = fuzz::kBase;
  header.count = input.byte();
  const std::int64_t from = fuzz::kBase + input.byte();
  const std::string_view rest = input.rest();
  const std::vector<char> exact(rest.begin(), rest.end());  // a byte beyond is an error
  const std::string_view bytes(exact.data(), exact.size());
  fuzz::RecordBatch batch;
  if (!batch.decode(bytes, header, fuzz::kBase)) {
    fuzz::require(batch.size() == 0 && batch.records().empty(), "nothing is left of what is no chunk");
    return 0;
  }
  const auto all = batch.records();
  fuzz::require(all.size() == header.count, "all records are there");
  for (const auto& record : all) fuzz::check_inside(record, bytes);
  fuzz::check_rest(bytes, header, from, all);
  fuzz::check_round(header, all);
  return 0;
}
