// SPDX-License-Identifier: Apache-2.0
// What the probing child leaves for the host in an anonymous file: a line of JSON for each step that it has reached,
// and one for the end.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "base/file_descriptor.h"
#include "base/result.h"
#include "plugin/manifest.h"

namespace eddy::host {

inline constexpr const char* kProbeAdvice = "the host has not loaded it: mend it and replace the file";

struct ProbeReport {
  enum class Step : std::uint8_t { kNone, kConstructors, kDescribe, kDone };
  Step step = Step::kNone;
  std::optional<Error> refusal;
  nlohmann::json manifest;  // of kDone

  static Result<FileDescriptor> make_file();
  // As far as it has come. The child may write anything: what makes no sense is left out.
  static ProbeReport read(int file);
};

// In the child.
void report_step(int file, ProbeReport::Step step);
void report_refusal(int file, const Error& error);
void report_manifest(int file, const Manifest& manifest);  // and with it kDone

}  // namespace eddy::host
