// SPDX-License-Identifier: Apache-2.0
#include "runtime/try/build.h"

#include "function/process/process_caller.h"
#include "runtime/bind_alone.h"

namespace eddy::host {

namespace {

TryOutput output_of(const Staging::Output& staged, const Binding& binding, std::span<const Header> inherited) {
  TryOutput output;
  output.stream = binding.destinations[static_cast<std::size_t>(staged.to)].name;
  output.key = owned(staged.key);
  output.value = owned(staged.value);
  for (const Header& header : staged.inherit_headers ? inherited : staged.headers) {
    output.headers.emplace_back(header.name.view(), owned(header.value));
  }
  return output;
}

}  // namespace

TryBuild::TryBuild(const ImagePtr& image, const std::string& function, const TryPlace& place)
    : image_(image), function_(function), place_(place) {
  if (auto done = set_up(); !done) set_up_failure_ = done.error().text;
}

Result<void> TryBuild::set_up() {
  std::map<std::string, ModelPtr> streams;
  for (const auto& [name, stream] : place_.topology.streams) {
    if (!stream.queue) streams[name] = stream.model;
  }
  EDDY_ASSIGN(const BindingPtr bound, bind_alone(image_, place_.settings, function_, streams));
  auto binding = std::make_shared<Binding>(*bound);
  if (binding->settings.timeout_ms == 0) binding->settings.timeout_ms = place_.timeout_ms;
  const bool contained = place_.as_configured && binding->settings.isolation == Isolation::kThread;
  binding->placement = contained ? Placement::kContained : Placement::kSandbox;
  if (!place_.as_configured) {
    SandboxSettings& sandbox = binding->settings.sandbox;
    sandbox.network = false;
    sandbox.read.clear();
    sandbox.write.clear();
    // A fault's frames get their names from the file, as in the host: they are part of the fingerprint.
    if (binding->settings.isolation == Isolation::kThread) sandbox.read.push_back(image_->mapped_path);
  }
  EDDY_ASSIGN(caller_, ProcessCaller::create(std::move(binding), place_.zygote, [this] { return !place_.go_on(); }));
  return {};
}

Result<TryEnding> TryBuild::run(const Task& task, const DeadLetter* letter) {
  if (caller_ == nullptr) return failed("SetUpFailed", set_up_failure_, nullptr);
  if (const auto cause = caller_->prepare(task, letter)) return failed(cause->type, cause->message, cause->fault);
  const auto called = caller_->call();
  if (!called && !place_.go_on()) return called.error();
  if (!called) return failed("SetUpFailed", called.error().text, nullptr);
  return taken(task.record, *called, letter);
}

TryEnding TryBuild::failed(std::string_view type, std::string_view message, const LetterFault* fault) {
  TryEnding ending;
  ending.kind = TryEnding::Kind::kFailed;
  ending.error_type = type;
  ending.error_message = message;
  ending.fingerprint = fingerprint_.of(function_, type, message, fault);
  return ending;
}

TryEnding TryBuild::taken(const Record& record, const Called& called, const DeadLetter* letter) {
  if (called.cause) {
    TryEnding ending = failed(called.cause->type, called.cause->message, called.cause->fault);
    ending.faulted = called.faulted();
    ending.hung = called.fault == FaultKind::kTimeout;
    return ending;
  }
  const Binding& binding = caller_->binding();
  const std::span<const Header> inherited =
      letter != nullptr ? std::span<const Header>(letter->headers) : record.headers;
  TryEnding ending;
  Staging& staged = caller_->outputs();
  for (std::size_t i = 0; i < staged.count(); ++i) {
    ending.outputs.push_back(output_of(staged.at(i), binding, inherited));
  }
  // As the record path counts it: a transform that emitted nothing has filtered its record.
  const bool nothing = binding.decl->kind != EDDY_FUNCTION_CONSUMER && ending.outputs.empty();
  if (called.filtered || nothing) ending.kind = TryEnding::Kind::kFiltered;
  return ending;
}

}  // namespace eddy::host
