// SPDX-License-Identifier: Apache-2.0
#include "runtime/repro/repro.h"

#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "base/encoding.h"
#include "runtime/repro/function_config.h"
#include "runtime/repro/kept_plugin.h"
#include "runtime/repro/record_file.h"
#include "runtime/version.h"

namespace eddy::host {

namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr ::mode_t kFolder = 0700;

Result<void> write_file(const fs::path& path, std::string_view text, bool executable = false) {
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out << text;
  out.close();
  std::error_code error;
  fs::permissions(path, executable ? fs::perms::owner_all : fs::perms::owner_read | fs::perms::owner_write, error);
  if (!out || error) return Error{Code::kUnavailable, path.string() + ": cannot be written"};
  return {};
}

// The plugin's name, which stack traces show.
std::string plugin_file(const DeadLetter& letter) {
  const bool plain = !letter.plugin.empty() && letter.plugin.find('/') == std::string_view::npos;
  return (plain ? std::string(letter.plugin) : "plugin") + ".so";
}

std::string shell_quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

std::string script(const DeadLetter& letter) {
  return "#!/bin/sh\n"
         "# Exit code 0: it fails in the same way. Another build may be given: ./run.sh fixed.so\n"
         "here=$(cd \"$(dirname \"$0\")\" && pwd) || exit 1\n"
         "own=" +
         shell_quoted(plugin_file(letter)) + "\nexec \"${EDDY:-eddy}\" plugin test \"${1:-$here/$own}\" --function " +
         shell_quoted(letter.function) +
         " \\\n  --record \"$here/record.json\" --expect \"$here/expected.json\" -c \"$here/eddy.yaml\"\n";
}

std::string build_text(const DeadLetter& letter) {
  std::string text = std::string(letter.plugin) + " " + std::string(letter.plugin_version);
  if (!letter.plugin_build_id.empty()) text += ", build id " + std::string(letter.plugin_build_id);
  return text + ", SHA-256 " + std::string(letter.plugin_sha256);
}

std::string readme(const DeadLetter& letter, const std::optional<std::string>& build) {
  std::string text = "# Dead letter " + std::string(letter.id) + "\n\n" + std::string(letter.function) +
                     " failed on it at " + to_rfc3339(letter.failed_at_us) + ":\n\n    " +
                     std::string(letter.error_type) + ": " + std::string(letter.error_message) + "\n\n" +
                     "The build that failed: " + build_text(letter) + ".\n";
  if (!build) {
    text += "Its file was found neither in the plugin directory nor among the host's copies: put it here as " +
            plugin_file(letter) + ".\n";
  }
  text += "Made by eddy " + std::string(kVersion) + ".\n\n" +
          "`./run.sh` runs the record through it in a worker process, with no host and no store. Its exit code is 0 "
          "when the record fails in the same way (error type and fingerprint), 1 when it passes or fails in another. "
          "`./run.sh fixed.so` runs another build, `EDDY=/path/to/eddy ./run.sh` another eddy.\n\n"
          "| file | what |\n| --- | --- |\n"
          "| `record.json` | key, value and headers, byte for byte: text or base64; null is no empty text |\n"
          "| `value` | the value alone, as it is; not there when it is null |\n"
          "| `letter.json` | the letter |\n"
          "| `expected.json` | what it failed with |\n"
          "| `eddy.yaml` | the function's settings as they were in force when this folder was made |\n";
  if (build) text += "| `" + plugin_file(letter) + "` | the build |\n";
  return text + "\nNothing in here is masked: the record is as it was, and so are secrets of the configuration.\n";
}

Result<void> copy_build(const std::string& build, const fs::path& to) {
  std::error_code error;
  fs::copy_file(build, to, error);
  if (!error) fs::permissions(to, fs::perms::owner_all, error);
  if (error) return Error{Code::kUnavailable, to.string() + ": cannot be written: " + error.message()};
  return {};
}

}  // namespace

std::string expected_json(const DeadLetter& letter) {
  const Json json{{"function", letter.function},
                  {"error_type", letter.error_type},
                  {"error_message", letter.error_message},
                  {"fingerprint", letter.fingerprint}};
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

Result<Repro> write_repro(const Settings& settings, const DeadLetter& letter, const Task& task,
                          const std::string& letter_json, const std::string& folder) {
  if (::mkdir(folder.c_str(), kFolder) != 0) {
    return Error{Code::kBadData, folder + ": expected a folder that can be made, found: " + std::strerror(errno) +
                                     "; name another one with --out"};
  }
  const fs::path root(folder);
  Repro repro{folder, find_build(settings, std::string(letter.plugin_sha256))};
  EDDY_TRY(write_file(root / "record.json", RecordFile::text_of(task)));
  if (!task.record.value.null()) EDDY_TRY(write_file(root / "value", task.record.value.view()));
  EDDY_TRY(write_file(root / "letter.json", letter_json));
  EDDY_TRY(write_file(root / "expected.json", expected_json(letter)));
  EDDY_TRY(write_file(root / "eddy.yaml", function_config(settings, std::string(letter.function))));
  EDDY_TRY(write_file(root / "run.sh", script(letter), true));
  EDDY_TRY(write_file(root / "README.md", readme(letter, repro.build)));
  if (repro.build) EDDY_TRY(copy_build(*repro.build, root / plugin_file(letter)));
  return repro;
}

}  // namespace eddy::host
