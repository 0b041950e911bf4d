// SPDX-License-Identifier: Apache-2.0
// What a declared function must have before the host will ever call it.
#include "plugin/declaration.h"
#include "plugin/registrar.h"

namespace eddy::host {

namespace {

constexpr std::uint32_t kMostWorkers = 1024;

std::string number(std::uint64_t value) { return std::to_string(value); }

}  // namespace

Result<void> Registrar::check_function(const FunctionDecl& decl, const std::string& what) const {
  if (decl.kind < EDDY_FUNCTION_TRANSFORM || decl.kind > EDDY_FUNCTION_MULTI_TRANSFORM) {
    return declaration_error(what + ": kind: expected transform (1), consumer (2) or multi-transform (3), found " +
                             number(decl.kind));
  }
  if (decl.input < EDDY_INPUT_RECORD || decl.input > EDDY_INPUT_DEAD_LETTER) {
    return declaration_error(what + ": input: expected record (1), JSON (2), row (3) or dead letter (4), found " +
                             number(decl.input));
  }
  if (decl.source.empty()) return declaration_error(what + ": source: expected a stream or queue, found none");
  if (decl.kind == EDDY_FUNCTION_TRANSFORM && decl.destination.empty()) {
    return declaration_error(what + ": destination: expected a stream, as it is a transform, found none");
  }
  if (decl.kind != EDDY_FUNCTION_TRANSFORM && !decl.destination.empty()) {
    return declaration_error(what + ": destination: expected none, as only a transform has one, found \"" +
                             decl.destination + "\"");
  }
  if (decl.input == EDDY_INPUT_ROW && !decl.input_model) {
    return declaration_error(what + ": input_model: expected a model, as its input is a row, found NULL");
  }
  if (decl.concurrency > kMostWorkers) {
    return declaration_error(what + ": concurrency: expected at most " + number(kMostWorkers) + ", found " +
                             number(decl.concurrency));
  }
  return {};
}

// A pointer out of the image's code would run where faults are not the plugin's to survive.
Result<void> Registrar::check_code(const eddy_function_decl& code, const std::string& what) const {
  if (code.process == nullptr) return declaration_error(what + ": process: expected a function, found NULL");
  if ((code.create == nullptr) != (code.destroy == nullptr)) {
    return declaration_error(what + ": expected both create and destroy or neither, found only " +
                             (code.create != nullptr ? "create" : "destroy"));
  }
  const auto outside = [&](auto* function) {
    const auto address = reinterpret_cast<std::uintptr_t>(function);
    return function != nullptr && (address < code_.begin || address >= code_.end);
  };
  if (outside(code.process) || outside(code.create) || outside(code.destroy)) {
    return declaration_error(what + ": expected functions in the plugin's own code, found " +
                             (outside(code.process)  ? "process"
                              : outside(code.create) ? "create"
                                                     : "destroy") +
                             " elsewhere; call a library's function from one of the plugin's");
  }
  return {};
}

}  // namespace eddy::host
