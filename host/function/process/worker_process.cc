// SPDX-License-Identifier: Apache-2.0
#include "function/process/worker_process.h"

#include <algorithm>
#include <string>

#include "function/process/setup.h"

namespace eddy::host {

using namespace std::chrono_literals;

namespace {

constexpr std::chrono::milliseconds kLook{100};  // how often a wait looks whether it is to end
constexpr std::chrono::seconds kSetUpTime{30};   // beside the function's own time limit: to load and to describe
constexpr std::chrono::milliseconds kTearDown{1000};
constexpr std::chrono::seconds kAnswerTime{10};

Error no_process(const Binding& binding, const std::string& why) {
  return {Code::kUnavailable, "function " + binding.decl->name + ": no worker process: " + why};
}

Error not_set_up(const Binding& binding, const std::string& why) {
  return {Code::kRefused, "function " + binding.decl->name + " of plugin " + binding.image->identity.name +
                              " could not be set up in a worker process: " + why};
}

}  // namespace

template <typename Write>
bool WorkerProcess::put(Write write) {
  WireWriter first(channel_->room());
  write(first);
  if (!first.fits()) {
    std::byte* const room = channel_->reserve(first.size());
    if (room == nullptr) return false;
    WireWriter again({room, first.size()});
    write(again);
  }
  channel_->commit(first.size());
  return true;
}

Result<std::unique_ptr<WorkerProcess>> WorkerProcess::start(const Binding& binding, Zygote& zygote,
                                                            const RingSizes& sizes) {
  const std::string setup = to_json(setup_for(binding));
  const std::size_t for_setup = ring_for(setup.size()).value_or(kLargestRing);
  auto channel = Channel::create(std::max(sizes.requests, for_setup), sizes.responses);
  if (!channel) return no_process(binding, channel.error().text);
  std::unique_ptr<WorkerProcess> process(new WorkerProcess(*std::move(channel)));
  const auto fds = process->channel_->fds();
  const std::weak_ptr<Channel> interrupted = process->channel_;
  auto child = zygote.spawn(
      {.role = ChildRole::kWorker, .name = binding.decl->name, .payload = {}, .fds = {fds.begin(), fds.end()}},
      [interrupted] {
        if (const auto alive = interrupted.lock()) alive->interrupt();
      });
  if (!child) return no_process(binding, child.error().text);
  process->child_ = *std::move(child);
  const bool told = process->put([&](WireWriter& to) {
    to.value(RequestKind::kSetUp);
    to.text(setup);
  });
  if (!told) return no_process(binding, "no room for its set-up");
  process->publish();
  return process;
}

Result<void> WorkerProcess::await_ready(const Binding& binding, const std::function<bool()>& stopping) {
  const auto limit = kSetUpTime + std::chrono::milliseconds(binding.settings.timeout_ms);
  const auto deadline = std::chrono::steady_clock::now() + limit;
  Answer answer;
  Staging outputs;
  while (std::chrono::steady_clock::now() < deadline && !stopping()) {
    switch (wait(kLook, binding, answer, outputs)) {
      case Event::kNothing:
        continue;
      case Event::kDead:
        return not_set_up(binding, "it " + describe(end()));
      case Event::kNonsense:
        return not_set_up(binding, "it answered with nonsense");
      case Event::kAnswer:
        break;
    }
    const std::string why = answer.kind == AnswerKind::kReady ? "" : std::string(answer.message.substr(0, 64 << 10));
    const bool ready = answer.kind == AnswerKind::kReady;
    release();
    if (ready) return {};
    return not_set_up(binding, why);
  }
  if (stopping()) return no_process(binding, "the host stops");
  return not_set_up(binding, "it was not ready within " + std::to_string(limit / 1ms) + " ms");
}

WorkerProcess::~WorkerProcess() {
  if (ended_ || !child_.alive()) return;
  if (put([](WireWriter& to) { to.value(RequestKind::kEnd); })) publish();
  channel_->request_stop();
  static_cast<void>(child_.wait_for(kTearDown));  // ChildProcess kills what is left
}

std::size_t WorkerProcess::request_size(const RecordRequest& request) {
  WireWriter size({});
  write_record(size, request);
  return size.size();
}

bool WorkerProcess::send(const RecordRequest& request) {
  return put([&](WireWriter& to) { write_record(to, request); });
}

Result<void> WorkerProcess::ask(RequestKind kind, const FunctionState& state, const Binding& binding, Answer& answer,
                                const std::function<bool()>& stopping) {
  const bool put_in = put([&](WireWriter& to) {
    to.value(kind);
    to.value(state.version);
    to.text(state.bytes);
  });
  if (!put_in) return Error{Code::kUnavailable, "its worker process takes no more"};
  publish();
  const auto deadline =
      std::chrono::steady_clock::now() + kAnswerTime + std::chrono::milliseconds(binding.settings.timeout_ms);
  Staging outputs;
  while (std::chrono::steady_clock::now() < deadline && !stopping()) {
    const Event event = wait(kLook, binding, answer, outputs);
    if (event == Event::kNothing) continue;
    if (event != Event::kAnswer) break;
    if (answer.kind == AnswerKind::kState || answer.kind == AnswerKind::kLoaded) return {};
    release();  // of a record that nobody waits for any more
  }
  return Error{Code::kUnavailable, "its worker process does not answer"};
}

WorkerProcess::Event WorkerProcess::wait(std::chrono::milliseconds at_most, const Binding& binding, Answer& answer,
                                         Staging& outputs) {
  const auto message = [&]() -> Event {
    const auto next = channel_->next();
    if (!next) return Event::kNonsense;
    if (next->empty()) return Event::kNothing;
    WireReader from(*next);
    return read_answer(from, binding, answer, outputs) ? Event::kAnswer : Event::kNonsense;
  };
  if (const Event now = message(); now != Event::kNothing) return now;
  switch (channel_->wait(at_most)) {
    case Channel::Wake::kInterrupted:
      // The last it wrote may have come between our look and its death.
      if (const Event last = message(); last != Event::kNothing) return last;
      return Event::kDead;
    case Channel::Wake::kMessage:
      return message();
    case Channel::Wake::kRoom:
    case Channel::Wake::kTimeout:
      break;
  }
  return Event::kNothing;
}

ExitStatus WorkerProcess::end() {
  ended_ = true;
  child_.kill();
  return child_.wait();
}

}  // namespace eddy::host
