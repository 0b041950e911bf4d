// SPDX-License-Identifier: Apache-2.0
// One worker process, as the host holds it: alive from its set-up until it dies or is ended.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>

#include "function/function_state.h"
#include "function/process/messages.h"
#include "function/process/ring_sizes.h"
#include "sandbox/channel.h"
#include "sandbox/zygote.h"

namespace eddy::host {

// Belongs to one worker thread.
class WorkerProcess {
 public:
  // Starts one, which begins to set its function up. kUnavailable when there can be no process.
  static Result<std::unique_ptr<WorkerProcess>> start(const Binding& binding, Zygote& zygote, const RingSizes& sizes);
  // Waits until its function is set up, before anything else is asked of it. kRefused, with the plugin's own words,
  // when it cannot be. `stopping` is asked now and then.
  Result<void> await_ready(const Binding& binding, const std::function<bool()>& stopping);
  // Lets the function tear down what it has, for a second; then kills it.
  ~WorkerProcess();

  // False: no room until an answer has been released. Never true for more than most_request() bytes.
  bool send(const RecordRequest& request);
  // Makes what was sent visible to it.
  void publish() { channel_->publish(); }
  static std::size_t request_size(const RecordRequest& request);
  std::size_t most_request() const { return channel_->most_message(); }
  std::size_t most_answer() const { return channel_->most_response(); }

  enum class Event : std::uint8_t {
    kAnswer,    // read it, then release()
    kNonsense,  // what it wrote is no answer
    kDead,
    kNothing,  // within the time
  };
  Event wait(std::chrono::milliseconds at_most, const Binding& binding, Answer& answer, Staging& outputs);
  void release() { channel_->release(); }
  // Something else than a record, while none is on its way: waits for the answer, to be released by the caller.
  Result<void> ask(RequestKind kind, const FunctionState& state, const Binding& binding, Answer& answer,
                   const std::function<bool()>& stopping);

  // The record it says it works on; 0: none yet.
  std::uint64_t working_on() const { return channel_->cursor(); }
  // Its calls see that they are to end.
  void request_stop() { channel_->request_stop(); }
  bool alive() const { return child_.alive(); }
  // Kills it, unless it is dead.
  ExitStatus end();

 private:
  explicit WorkerProcess(std::shared_ptr<Channel> channel) : channel_(std::move(channel)) {}
  template <typename Write>
  bool put(Write write);

  std::shared_ptr<Channel> channel_;  // shared with the reaper, which interrupts it
  ChildProcess child_;
  bool ended_ = false;
};

}  // namespace eddy::host
