// SPDX-License-Identifier: Apache-2.0
// Calls a function in a worker process: what it does to its process is no concern of the host.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "function/caller.h"
#include "function/process/respawn_pace.h"
#include "function/process/worker_process.h"

namespace eddy::host {

// Records are sent ahead, and answers taken in order. When the process dies, or a call faults in it, the record it
// worked on is a suspect, unless it was the process's first: the damage may be an earlier record's, so it is sent once
// more, as the first of a new process. What it does there is the verdict.
//
// A new process begins with one record, and is sent more ahead the more it has answered.
//
// A function that takes long to set up has a spare process, which is ready when the first one dies.
//
// A process answers in order, and what it says of itself decides nothing for long: an answer that is owed for longer
// than a call may take is late, whatever the process says that it works on.
//
// What was sent ahead and is then not asked for (its unit of work has ended, a record before it has to wait) is called
// again when its turn comes: a call may happen more often than its outputs are written, as after any abort.
class ProcessCaller final : public FunctionCaller {
 public:
  // Starts the first process. `stopping`: the worker is to end; asked while it waits.
  static Result<std::unique_ptr<ProcessCaller>> create(BindingPtr binding, Zygote& zygote,
                                                       std::function<bool()> stopping);

  void expect(std::span<const Record> records) override;
  std::optional<FailureCause> prepare(const Task& task, const DeadLetter* letter) override;
  Result<Called> call() override;
  Staging& outputs() override { return outputs_; }
  std::optional<FunctionState> save() override;
  Result<void> load(const FunctionState& state) override;
  bool poisoned() const override { return false; }  // a process that has faulted is replaced

 private:
  using Time = std::chrono::steady_clock::time_point;
  using MaybeCalled = std::optional<Called>;       // none: not yet, go on
  static constexpr std::size_t kMostAhead = 1024;  // records
  static constexpr std::uint32_t kMostDeaths = 8;  // with no record ended between them
  struct Sent {
    std::uint64_t number = 0;
    std::uint32_t partition = 0;
    std::int64_t offset = 0;
  };

  ProcessCaller(BindingPtr binding, Zygote& zygote, std::function<bool()> stopping)
      : FunctionCaller(std::move(binding)), zygote_(zygote), stopping_(std::move(stopping)) {}

  Result<void> start();
  Result<std::unique_ptr<WorkerProcess>> next_process();
  Result<void> back_off();
  ExitStatus bury();
  void discard();
  void send_ahead();
  bool send(const Record& record, std::string_view stream);
  bool was_sent();
  MaybeCalled send_now();
  void keep_spare();
  Result<MaybeCalled> go_on();
  void carry_state();
  Result<void> take_over();

  Result<MaybeCalled> take(WorkerProcess::Event event);
  MaybeCalled take_answer();
  MaybeCalled take_too_large();
  MaybeCalled take_death();
  Result<MaybeCalled> take_silence();
  MaybeCalled take_lateness();
  bool is_first() const { return sent_.front().number == first_number_; }
  Called called_by_answer();
  MaybeCalled too_large(std::uint64_t message);
  Called failed(std::string_view type, std::string message, FaultKind kind);

  Zygote& zygote_;
  const std::function<bool()> stopping_;
  RingSizes least_, sizes_, has_;           // of any process; of one for the record at hand; of the one there is
  std::unique_ptr<WorkerProcess> process_;  // null: to be started
  std::unique_ptr<WorkerProcess> spare_;    // sets itself up meanwhile; of functions whose set-up takes long
  bool slow_set_up_ = false;
  std::uint64_t next_number_ = 1;
  std::uint64_t first_number_ = 1;   // of this process
  std::uint64_t last_answered_ = 0;  // by this process
  std::size_t ahead_ = kMostAhead;   // records that may be on their way
  RespawnPace pace_;
  std::uint32_t deaths_ = 0;                         // since a record last ended
  std::uint32_t new_deaths_ = 0, new_backoffs_ = 0;  // not yet told
  std::optional<Time> stop_seen_;

  std::deque<Sent> sent_;  // in order; what was dropped from it is still answered, and not taken
  std::span<const Record> expected_;
  std::size_t next_expected_ = 0;
  std::uint64_t owed_ = 0;  // the number that was waited for when the process was last silent, since when
  Time owed_since_;
  std::optional<FunctionState> carried_;  // from the process before

  // Of the record at hand.
  const Task* task_ = nullptr;
  Answer answer_;
  Staging outputs_;
  std::string cause_type_, cause_message_;
  LetterFault fault_;
};

}  // namespace eddy::host
