// SPDX-License-Identifier: Apache-2.0
// What a host and a worker process of it say to each other. Both are the same program: there is no version.
//
//   host → worker   set-up once, then records, a state to take over or to give, then the end
//   worker → host   ready, or why not; then one answer for each
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/record.h"
#include "base/result.h"
#include "dead_letter/letter.h"
#include "function/binding.h"
#include "function/caller.h"
#include "function/process/wire.h"

namespace eddy::host {

enum class RequestKind : std::uint8_t { kSetUp = 1, kRecord = 2, kEnd = 3, kSave = 4, kLoad = 5 };

// A record to call the function with. Borrowed from the message, its headers from whoever decoded it.
struct RecordRequest {
  std::uint64_t number = 0;  // rises by one from record to record
  std::string_view stream;
  Record record;
};

void write_record(WireWriter& to, const RecordRequest& request);
// After its kind. False: cut short.
bool read_record(WireReader& from, RecordRequest& request, std::vector<Header>& headers);

enum class AnswerKind : std::uint8_t {
  kReady = 1,
  kNotReady = 2,  // a text: why the function could not be set up
  kCalled = 3,
  kTooLarge = 4,  // a size: the answer needs so many bytes, and there is no room for them
  kState = 5,     // whether there is one, its version and its bytes
  kLoaded = 6,    // a text: why it was not taken over; empty: it was
};

// How a call ended. Texts and bytes are borrowed from the message.
struct Answer {
  std::uint64_t number = 0;
  AnswerKind kind = AnswerKind::kCalled;
  bool failed = false, called = true, filtered = false;
  bool poisoned = false;  // the worker ends after this answer
  std::optional<FaultKind> fault_kind;
  std::uint32_t fail_kind = EDDY_FAIL_PLAIN;
  double seconds = 0;
  std::string_view type, message;  // kNotReady, kLoaded: only the message
  std::optional<LetterFault> fault;
  std::uint64_t size = 0;  // kTooLarge
  bool has_state = false;  // kState
  std::uint32_t state_version = 0;
  std::string_view state;
};

void write_answer(WireWriter& to, std::uint64_t number, const Called& called, bool poisoned, Staging& outputs);
// Reads an answer, and its outputs into `outputs`, whose streams are numbers of the binding's destinations. False when
// it is not one that an honest worker gives: cut short, or for a stream, a partition or of a size that is not allowed.
bool read_answer(WireReader& from, const Binding& binding, Answer& answer, Staging& outputs);

}  // namespace eddy::host
