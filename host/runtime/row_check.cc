// SPDX-License-Identifier: Apache-2.0
#include "runtime/row_check.h"

#include "function/call.h"
#include "guard/symbolise.h"

namespace eddy::host {

namespace {

// A check that takes longer keeps every client of the listener waiting.
constexpr std::uint32_t kTimeoutMs = 1000;

using Validate = std::uint32_t (*)(const eddy_value* row, eddy_call* call);

struct Checked {
  ImagePtr image;
  Validate validate = nullptr;
  std::function<void(const Image&)> on_fault;
};

struct Call {
  Validate validate;
  const eddy_value* row;
  eddy_call* call;
  std::uint32_t status = EDDY_OK;
};

void run(void* argument) {
  Call& call = *static_cast<Call*>(argument);
  call.status = call.validate(call.row, call.call);
}

RowRefusal refusal_of(Verdict verdict, const Fault& fault, const Image& image) {
  if (verdict == Verdict::kException) return {fault.exception_type, fault.exception_message};
  const std::string type = verdict == Verdict::kTimeout ? "Timeout"
                           : verdict == Verdict::kExit  ? "Exit"
                                                        : signal_name(fault.signal);
  return {type, "validate(): " + describe(verdict, fault, kTimeoutMs, image.code), true};
}

Result<std::optional<RowRefusal>> check(const Checked& checked, const eddy_value* row) {
  const Image& image = *checked.image;
  if (image.poisoned.load(std::memory_order_acquire)) {
    return Error{Code::kUnavailable,
                 "plugin " + image.identity.name + " has faulted, and checks nothing until it is back"};
  }
  EDDY_ASSIGN(ThreadGuard* const guard, ThreadGuard::of_this_thread());
  thread_local eddy_call context;  // keeps its memory; lives as long as the server's thread
  context.guard = guard;
  context.start({}, {}, 0);
  Call call{checked.validate, row, &context};
  const Verdict verdict = guard->call(run, &call, image.code, kTimeoutMs);
  if (verdict != Verdict::kReturned) {
    const Fault& fault = guard->fault();
    if (verdict != Verdict::kException && !image.poisoned.exchange(true)) checked.on_fault(image);
    return std::optional(refusal_of(verdict, fault, image));
  }
  if (call.status == EDDY_OK) return std::optional<RowRefusal>();
  if (!context.failure.given) return std::optional(RowRefusal{"ValidationError", "refused without a reason"});
  return std::optional(RowRefusal{context.failure.type, context.failure.message});
}

}  // namespace

RowCheck make_row_check(const ImagePtr& image, const ModelPtr& model, std::function<void(const Image&)> on_fault) {
  for (const auto& [declaration, compiled] : image->manifest.models) {
    if (compiled != model || declaration->validate == nullptr) continue;
    return [checked = Checked{image, declaration->validate, std::move(on_fault)}](const eddy_value* row) {
      return check(checked, row);
    };
  }
  return {};
}

}  // namespace eddy::host
