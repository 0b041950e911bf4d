// SPDX-License-Identifier: Apache-2.0
// A letter in steady state allocates nothing: failing records must not cost the host its memory bandwidth.
#include <gtest/gtest.h>

#include <cstdlib>
#include <new>

#include "letters.h"

namespace {
thread_local std::size_t allocations = 0;
}

void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  ++allocations;
  return std::malloc(size);
}
void* operator new(std::size_t size) {
  if (void* memory = operator new(size, std::nothrow)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace eddy::host::test {
namespace {

using namespace std::string_literals;

TEST(Allocation, NoneOnceTheBuffersHaveGrown) {
  const OwnedRecord json("key"s, R"({"user_id":"u1","timestamp":-1.5})"s, {{"trace", "1"}});
  const OwnedRecord text("key"s, "just \"text\" of some length, longer than a short string"s);
  LetterWriter writer;
  LetterReader reader;
  for (const auto format : {QueueFormat::kEnvelope, QueueFormat::kRaw}) {
    QueueOptions queue = options(format);
    queue.context_headers = true;
    for (const OwnedRecord* record : {&json, &text}) {
      const auto stored = OwnedRecord::of(writer.write(record->record(), failure(), queue));
      std::size_t before = 0;
      for (int i = 0; i < 20; ++i) {
        if (i == 10) before = allocations;
        static_cast<void>(writer.write(record->record(), failure(), queue));
        ASSERT_TRUE(reader.read(stored->record()).ok());
      }
      EXPECT_EQ(allocations, before);
    }
  }
}

}  // namespace
}  // namespace eddy::host::test
