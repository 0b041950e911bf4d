// SPDX-License-Identifier: Apache-2.0
#include "plugin/probe_report.h"

#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "plugin/manifest_json.h"
#include "plugin/refusal.h"

namespace eddy::host {
namespace {

using Json = nlohmann::json;
using Step = ProbeReport::Step;

constexpr std::size_t kMostBytes = std::size_t{64} << 20;

void append(int file, const Json& line) {
  const std::string text = line.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
  [[maybe_unused]] const ssize_t written = write(file, text.data(), text.size());
}

void take(ProbeReport& report, const Json& line) {
  if (!line.is_object()) return;
  if (const auto step = line.find("step"); step != line.end() && step->is_number_unsigned()) {
    const auto number = step->get<std::uint64_t>();
    if (number <= static_cast<std::uint64_t>(Step::kDone)) report.step = static_cast<Step>(number);
  }
  if (const auto text = line.find("refusal"); text != line.end() && text->is_string()) {
    const bool again = line.value("again", Json()) == Json(true);
    report.refusal = Error{again ? Code::kUnavailable : Code::kRefused, text->get<std::string>()};
  }
  if (const auto manifest = line.find("manifest"); manifest != line.end()) {
    report.step = Step::kDone;
    report.manifest = *manifest;
  }
}

}  // namespace

Result<FileDescriptor> ProbeReport::make_file() {
  FileDescriptor file(memfd_create("eddy-probe", MFD_CLOEXEC));
  if (file.valid()) return file;
  return not_now("probe", "an anonymous file", std::strerror(errno), "see what the host's process is limited to");
}

ProbeReport ProbeReport::read(int file) {
  struct stat status {};
  if (fstat(file, &status) != 0) return {};
  std::string text(std::min(kMostBytes, static_cast<std::size_t>(status.st_size)), '\0');
  const ssize_t size = pread(file, text.data(), text.size(), 0);
  text.resize(static_cast<std::size_t>(size > 0 ? size : 0));
  ProbeReport report;
  for (std::size_t at = 0, end = 0; (end = text.find('\n', at)) != std::string::npos; at = end + 1) {
    take(report, Json::parse(text.begin() + static_cast<std::ptrdiff_t>(at),
                             text.begin() + static_cast<std::ptrdiff_t>(end), nullptr, false));
  }
  return report;
}

void report_step(int file, Step step) { append(file, {{"step", static_cast<unsigned>(step)}}); }

void report_manifest(int file, const Manifest& manifest) { append(file, {{"manifest", to_json(manifest)}}); }

void report_refusal(int file, const Error& error) {
  append(file, {{"refusal", error.text}, {"again", error.code == Code::kUnavailable}});
}

}  // namespace eddy::host
