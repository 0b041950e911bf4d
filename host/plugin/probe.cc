// SPDX-License-Identifier: Apache-2.0
#include "plugin/probe.h"

#include <array>
#include <csignal>
#include <nlohmann/json.hpp>

#include "plugin/manifest_json.h"
#include "plugin/probe_report.h"
#include "plugin/refusal.h"

namespace eddy::host {
namespace {

using Step = ProbeReport::Step;

constexpr const char* kProbeStep = "probe";
// What entry and describe may take beyond their own deadlines: the guard itself waits two seconds more for a call that
// does not come back to the plugin's code.
constexpr std::chrono::milliseconds kGrace{5000};

std::string payload(const ProbeRequest& request) {
  return nlohmann::json{{"path", request.mapped_path},
                        {"abi_major", request.abi_major},
                        {"abi_minor_required", request.abi_minor_required},
                        {"timeout_ms", request.timeout_ms}}
      .dump();
}

std::string fate(const ExitStatus& status) {
  if (status.signal == SIGSYS) return "forks, which would make two hosts of one";
  return describe(status);
}

Error died(const ProbeReport& report, const ExitStatus& status) {
  if (report.step <= Step::kConstructors) {
    return refuse(kProbeStep, "constructors that return", "one that " + fate(status), kProbeAdvice);
  }
  return refuse(kProbeStep, "a plugin that describes itself and does no more", "a process that " + fate(status),
                kProbeAdvice);
}

Error late(const ProbeReport& report, const ProbeRequest& request) {
  if (report.step <= Step::kConstructors) {
    return refuse(kProbeStep, "constructors that return",
                  "one that still ran after " + std::to_string(request.constructors_within.count()) + " ms",
                  kProbeAdvice);
  }
  return refuse(kProbeStep, "a plugin that describes itself", "a process that did not end", kProbeAdvice);
}

}  // namespace

Result<Manifest> probe(Zygote& zygote, const ProbeRequest& request, const std::string& plugin) {
  EDDY_ASSIGN(const FileDescriptor file, ProbeReport::make_file());
  auto spawned =
      zygote.spawn({.role = ChildRole::kProbe, .name = plugin, .payload = payload(request), .fds = {file.get()}}, {});
  if (!spawned) return not_now(kProbeStep, "a process to try it in", spawned.error().text, "it is tried again");
  ChildProcess child = *std::move(spawned);
  auto status = child.wait_for(request.constructors_within);
  if (!status && ProbeReport::read(file.get()).step >= Step::kDescribe) {
    status = child.wait_for(std::chrono::milliseconds(2 * request.timeout_ms) + kGrace);
  }
  child.kill();
  const ProbeReport report = ProbeReport::read(file.get());
  if (!status) return late(report, request);
  if (report.refusal) return *report.refusal;
  if (report.step != Step::kDone || !status->clean()) return died(report, *status);
  auto manifest = manifest_from_json(report.manifest);
  if (!manifest) return refuse(kProbeStep, "a manifest as describe gave it", manifest.error().text, kProbeAdvice);
  return manifest;
}

}  // namespace eddy::host
