// SPDX-License-Identifier: Apache-2.0
#include "function/instance.h"

#include "base/log.h"
#include "guard/symbolise.h"

namespace eddy::host {

namespace {

// What crosses the guard: plain data only, because a fault unwinds nothing.
struct Invocation {
  const eddy_function_decl* code;
  void* state;
  const eddy_input* input;
  eddy_call* call;
  eddy_str text;  // create: the configuration; load: the state
  std::uint32_t status;
  std::uint32_t state_version = 0;
  const eddy_state* offered = nullptr;
};

void invoke_create(void* argument) {
  auto& in = *static_cast<Invocation*>(argument);
  in.status = in.code->create(in.code->user, in.call, in.text, &in.state);
}

void invoke_process(void* argument) {
  auto& in = *static_cast<Invocation*>(argument);
  in.status = in.code->process(in.code->user, in.state, in.input, in.call);
}

void invoke_destroy(void* argument) {
  auto& in = *static_cast<Invocation*>(argument);
  in.code->destroy(in.code->user, in.state);
  in.status = EDDY_OK;
}

void invoke_save(void* argument) {
  auto& in = *static_cast<Invocation*>(argument);
  in.status = in.offered->save(in.code->user, in.state, in.call, state_writer());
}

void invoke_load(void* argument) {
  auto& in = *static_cast<Invocation*>(argument);
  in.status = in.offered->load(in.code->user, in.state, in.call, in.state_version, in.text);
}

}  // namespace

Instance::Instance(BindingPtr binding, ThreadGuard& guard, eddy_call& call)
    : binding_(std::move(binding)), guard_(guard), call_(call) {}

CallResult Instance::guarded(ThreadGuard::Function function, void* argument) {
  CallResult result;
  result.verdict = guard_.call(function, argument, binding_->image->code, binding_->settings.timeout_ms);
  if (result.verdict == Verdict::kReturned) result.status = static_cast<Invocation*>(argument)->status;
  if (result.poisons()) binding_->image->poisoned.store(true, std::memory_order_release);
  return result;
}

// Why a call that is no record's has failed.
std::string Instance::reason(const CallResult& result) const {
  if (result.verdict != Verdict::kReturned) {
    return describe(result.verdict, guard_.fault(), binding_->settings.timeout_ms, binding_->image->code);
  }
  return call_.failure.given ? call_.failure.type + ": " + call_.failure.message : "no reason given";
}

Result<std::unique_ptr<Instance>> Instance::create(BindingPtr binding, ThreadGuard& guard, eddy_call& call) {
  std::unique_ptr<Instance> instance(new Instance(std::move(binding), guard, call));
  const Binding& bound = *instance->binding_;
  call.binding = &bound;
  call.guard = &guard;
  if (bound.decl->code.create == nullptr) return instance;
  call.start({}, {}, 0);
  Invocation in{&bound.decl->code, nullptr, nullptr, &call, to_abi(bound.settings.config_json), EDDY_FAILED};
  const CallResult result = instance->guarded(invoke_create, &in);
  if (result.verdict == Verdict::kReturned && result.status == EDDY_OK) {
    instance->state_ = in.state;
    return instance;
  }
  const std::string why = instance->reason(result);
  instance->binding_.reset();  // there is nothing to destroy
  return Error{Code::kRefused, "function " + bound.decl->name + " of plugin " + bound.image->identity.name +
                                   " could not be set up: " + why};
}

Instance::~Instance() {
  if (binding_ == nullptr || state_ == nullptr || binding_->decl->code.destroy == nullptr) return;
  if (binding_->image->poisoned.load(std::memory_order_acquire)) return;
  call_.binding = binding_.get();
  Invocation in{&binding_->decl->code, state_, nullptr, &call_, {}, EDDY_FAILED};
  const CallResult result = guarded(invoke_destroy, &in);
  if (result.verdict != Verdict::kReturned) {
    log(LogLevel::kWarn, binding_->decl->name, "tear-down failed: " + reason(result));
  }
}

Result<std::string> Instance::save() {
  const FunctionDecl& decl = *binding_->decl;
  std::string bytes;
  call_.start({}, {}, 0);
  call_.state = &bytes;
  call_.state_refused = false;
  Invocation in{&decl.code, state_, nullptr, &call_, {}, EDDY_FAILED, decl.state.version, &decl.state};
  const CallResult result = guarded(invoke_save, &in);
  call_.state = nullptr;
  if (call_.state_refused) return Error{Code::kRefused, "it is larger than 64 MiB, or there is no memory for it"};
  if (result.verdict == Verdict::kReturned && result.status == EDDY_OK) return bytes;
  return Error{Code::kRefused, reason(result)};
}

Result<void> Instance::load(std::uint32_t version, std::string_view bytes) {
  const FunctionDecl& decl = *binding_->decl;
  call_.start({}, {}, 0);
  Invocation in{&decl.code, state_, nullptr, &call_, to_abi(bytes), EDDY_FAILED, version, &decl.state};
  const CallResult result = guarded(invoke_load, &in);
  if (result.verdict == Verdict::kReturned && result.status == EDDY_OK) return {};
  return Error{Code::kRefused, reason(result)};
}

CallResult Instance::process(const eddy_input& input) {
  Invocation in{&binding_->decl->code, state_, &input, &call_, {}, EDDY_FAILED};
  return guarded(invoke_process, &in);
}

}  // namespace eddy::host
