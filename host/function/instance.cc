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
  eddy_str config;
  std::uint32_t status;
};

void invoke_create(void* argument) {
  auto& in = *static_cast<Invocation*>(argument);
  in.status = in.code->create(in.code->user, in.call, in.config, &in.state);
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
  std::string why = call.failure.given ? call.failure.type + ": " + call.failure.message : "no reason given";
  if (result.verdict != Verdict::kReturned) {
    why = describe(result.verdict, guard.fault(), bound.settings.timeout_ms, bound.image->code);
  }
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
    log(LogLevel::kWarn, binding_->decl->name,
        "tear-down failed: " +
            describe(result.verdict, guard_.fault(), binding_->settings.timeout_ms, binding_->image->code));
  }
}

CallResult Instance::process(const eddy_input& input) {
  Invocation in{&binding_->decl->code, state_, &input, &call_, {}, EDDY_FAILED};
  return guarded(invoke_process, &in);
}

}  // namespace eddy::host
