// SPDX-License-Identifier: Apache-2.0
#include "ingest/exchange.h"

namespace eddy::host {
namespace {

// A connection that has sent one large body is not given its memory for ever.
constexpr std::size_t kKeptBody = 256 * 1024;

template <typename Container>
void reuse(Container& memory) {
  memory.clear();
  if (memory.capacity() * sizeof(memory[0]) > kKeptBody) memory.shrink_to_fit();
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
  reuse(job.records);
  reuse(job.letters);
  reuse(job.letter_types);
  answer.clear();
  reuse(answer.body);
  bytes = accepted = refused = 0;
}

}  // namespace eddy::host
