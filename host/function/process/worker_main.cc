// SPDX-License-Identifier: Apache-2.0
#include "function/process/worker_main.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/sanitizers.h"
#include "dead_letter/reader.h"
#include "function/process/messages.h"
#include "function/process/setup.h"
#include "function/thread_caller.h"
#include "guard/guard.h"
#include "plugin/describe.h"
#include "plugin/load.h"
#include "sandbox/child_channel.h"

namespace eddy::host {

namespace {

constexpr std::uint32_t kDescribeTime = 10'000;
// A host that sleeps is woken less often for answers that come quickly: on a busy processor it would take its place.
constexpr double kQuick = 20e-6;
constexpr std::uint32_t kAnswersAWake = 32;

// A stream's model, by its signature, among those that the plugin itself has.
void resolve_model(Destination& destination, const Manifest& manifest) {
  if (destination.foreign_model.empty()) return;
  const auto own = std::ranges::find_if(
      manifest.models, [&](const auto& entry) { return entry.second->signature() == destination.foreign_model; });
  if (own == manifest.models.end()) return;
  destination.model = own->second;
  destination.foreign_model.clear();
}

Result<ImagePtr> load(const WorkerSetup& setup) {
  EDDY_ASSIGN(const LoadedImage loaded, load_image(setup.mapped_path));
  auto image = std::make_shared<Image>();
  image->identity = setup.identity;
  image->mapped_path = setup.mapped_path;
  image->code = loaded.code;
  image->abi_major = setup.abi_major;
  image->abi_minor_required = setup.abi_minor_required;
  PluginNote note;
  note.abi_major = setup.abi_major;
  note.abi_minor_required = setup.abi_minor_required;
  EDDY_ASSIGN(image->manifest, describe_image(loaded, host_table(), note, kDescribeTime));
  return ImagePtr(std::move(image));
}

Result<void> take_letter_keys(const WorkerSetup& setup) {
  auto keys = std::make_shared<Keyring>();
  for (const std::string& text : setup.letter_keys) {
    EDDY_ASSIGN(const LetterKeyPtr key, LetterKey::parse(text));
    keys->emplace(key->id(), key);
  }
  use_letter_keys(std::move(keys));
  return {};
}

Result<BindingPtr> bind(const WorkerSetup& setup) {
  auto binding = std::make_shared<Binding>();
  EDDY_ASSIGN(binding->image, load(setup));
  binding->decl = binding->image->function(setup.function);
  if (binding->decl == nullptr) {
    return Error{Code::kRefused, "the plugin declares no function " + setup.function + " here, as it did in the host"};
  }
  binding->settings.config_json = setup.config_json;
  binding->settings.timeout_ms = setup.timeout_ms;
  binding->destinations = setup.destinations;
  for (Destination& destination : binding->destinations) resolve_model(destination, binding->image->manifest);
  return BindingPtr(std::move(binding));
}

class WorkerLoop {
 public:
  explicit WorkerLoop(ChildChannel& channel) : channel_(channel) {}

  // False: the host has been told why not.
  bool set_up() {
    auto ready = try_set_up();
    const std::string why = ready ? "" : ready.error().text;
    const bool told = answer([&](WireWriter& to) {
      to.value(ready ? AnswerKind::kReady : AnswerKind::kNotReady);
      to.value(std::uint64_t{0});
      if (!ready) to.text(why);
    });
    return ready.ok() && told;
  }

  void run() {
    for (;;) {
      const auto message = channel_.next();
      if (!message || message->empty()) return;
      WireReader from(*message);
      const bool go_on = serve(from);
      channel_.release();
      if (!go_on) return;
    }
  }

 private:
  Result<void> try_set_up() {
    EDDY_ASSIGN(const auto message, channel_.next());
    WireReader from(message);
    if (from.value<RequestKind>() != RequestKind::kSetUp) return Error{Code::kInternal, "no set-up has come"};
    EDDY_ASSIGN(const WorkerSetup setup, from_json(from.text()));
    channel_.release();
    configure_log(setup.log);
    EDDY_TRY(install_guard());
    die_of_taint();
    watch_stop(channel_.stop_word());
    EDDY_ASSIGN(ThreadGuard* const guard, ThreadGuard::of_this_thread());  // the one that describe_image() takes
    EDDY_TRY(take_letter_keys(setup));
    EDDY_ASSIGN(BindingPtr binding, bind(setup));
    if (binding->over_queue()) reader_.emplace();
    plugin_ = setup.identity.name;
    function_ = setup.function;
    EDDY_ASSIGN(caller_, ThreadCaller::create(std::move(binding), *guard));
    return confine(setup.confinement);
  }

  bool serve(WireReader& from) {
    switch (from.value<RequestKind>()) {
      case RequestKind::kRecord: {
        RecordRequest request;
        return read_record(from, request, headers_) && run_record(request);
      }
      case RequestKind::kSave:
        return give_state();
      case RequestKind::kLoad:
        return take_state(from);
      case RequestKind::kSetUp:
      case RequestKind::kEnd:
        break;
    }
    return false;
  }

  bool give_state() {
    const auto state = caller_->save();
    const auto write = [&](WireWriter& to) {
      to.value(AnswerKind::kState);
      to.value(std::uint64_t{0});
      to.value(static_cast<std::uint8_t>(state ? 1 : 0));
      to.value(state ? state->version : 0);
      to.text(state ? std::string_view(state->bytes) : "");
    };
    return answer(write) && !caller_->poisoned();
  }

  bool take_state(WireReader& from) {
    FunctionState state{.plugin = plugin_,
                        .function = function_,
                        .version = from.value<std::uint32_t>(),
                        .bytes = std::string(from.text())};
    const auto loaded = caller_->load(state);
    const std::string why = loaded ? "" : loaded.error().text;
    const auto write = [&](WireWriter& to) {
      to.value(AnswerKind::kLoaded);
      to.value(std::uint64_t{0});
      to.text(why);
    };
    return answer(write) && !caller_->poisoned();
  }

  bool run_record(const RecordRequest& request) {
    channel_.set_cursor(request.number);
    const Record& record = request.record;
    const Task task{record, {request.stream, record.partition, record.offset}, 0};
    Called called;
    const DeadLetter* letter = nullptr;
    if (reader_) {
      auto read = reader_->read(record);
      if (read) letter = *read;
    }
    called.cause = caller_->prepare(task, letter);
    if (!called.cause) {
      auto result = caller_->call();
      if (!result) return false;
      called = *result;
      if (called.seconds != 0) quick_ = called.seconds < kQuick;
    }
    return answer(request.number, called) && !caller_->poisoned();
  }

  bool answer(std::uint64_t number, const Called& called) {
    const bool poisoned = caller_->poisoned();
    std::size_t size = 0;
    const auto write = [&](WireWriter& to) {
      write_answer(to, number, called, poisoned, caller_->outputs());
      size = to.size();
    };
    if (answer(write)) return true;
    if (size <= channel_.most_message()) return false;
    return answer([&](WireWriter& to) {
      to.value(AnswerKind::kTooLarge);
      to.value(number);
      to.value(static_cast<std::uint64_t>(size));
    });
  }

  // Each is shown at once: the next call may be the process's last.
  template <typename Write>
  bool answer(Write write) {
    WireWriter first(channel_.room());
    write(first);
    if (!first.fits()) {
      std::byte* const room = channel_.reserve(first.size());
      if (room == nullptr) return false;
      WireWriter again({room, first.size()});
      write(again);
    }
    channel_.commit(first.size());
    channel_.show(quick_ ? kAnswersAWake : 1);
    return true;
  }

  ChildChannel& channel_;
  std::unique_ptr<ThreadCaller> caller_;
  std::optional<LetterReader> reader_;  // of functions over a queue alone: it takes a millisecond to make
  std::vector<Header> headers_;
  bool quick_ = false;  // its calls are, of late
  std::string plugin_, function_;
};

int run(std::span<const int> fds) {
  if (fds.size() != 2) return 64;
  const auto channel = ChildChannel::open(fds[0], fds[1]);
  if (!channel) return 69;
  WorkerLoop loop(**channel);
  if (!loop.set_up()) return 78;
  loop.run();
  return 0;
}

}  // namespace

int worker_main(std::span<const int> fds) {
  if constexpr (!kAddressSanitizer) return run(fds);
  // It looks for the limits of the stack at every jump, and for those of the main thread in a file that the sandbox
  // does not open.
  int code = 0;
  std::thread([&] { code = run(fds); }).join();
  return code;
}

}  // namespace eddy::host
