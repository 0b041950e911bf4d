// SPDX-License-Identifier: Apache-2.0
#include "ingest/exchange.h"

namespace eddy::host {
namespace {

// A connection that has sent one large body is not given its memory for ever.
constexpr std::size_t kKeptBody = 256 * 1024;
constexpr std::size_t kKeptRecords = kKeptBody / sizeof(OutRecord);

void reuse(std::string& text) {
  text.clear();
  if (text.capacity() > kKeptBody) text.shrink_to_fit();
}

}  // namespace

void Exchange::clear() {
  head.clear();
  reuse(body);
  reuse(unpacked);
  request_id.clear();
  route.reset();
  admission = {};
  keyed = false;
  job.clear();
  if (job.records.capacity() > kKeptRecords) job.records = {};
  if (job.letters.capacity() > kKeptRecords) job.letters = {};
  if (job.letter_types.capacity() > kKeptRecords) job.letter_types = {};
  answer.clear();
  reuse(answer.body);
  bytes = accepted = refused = 0;
}

}  // namespace eddy::host
