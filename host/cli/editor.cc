// SPDX-License-Identifier: Apache-2.0
#include "cli/editor.h"

#include <sys/wait.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "base/temporary_folder.h"

namespace eddy::host {

namespace {

std::string editor_command() {
  for (const char* name : {"VISUAL", "EDITOR"}) {
    if (const char* command = std::getenv(name); command != nullptr && *command != '\0') return command;
  }
  return "";
}

}  // namespace

Result<std::string> edit_text(std::string_view text, const std::string& name) {
  const std::string command = editor_command();
  if (command.empty()) {
    return Error{Code::kUsage, "no editor: set VISUAL or EDITOR, or give the corrected record with --original FILE"};
  }
  EDDY_ASSIGN(const TemporaryFolder folder, TemporaryFolder::make());
  const std::string file = folder.path() + "/" + name;
  std::ofstream out(file, std::ios::binary);
  out << text;
  out.close();
  if (!out) return Error{Code::kUnavailable, file + ": cannot be written"};
  // As git does it: the command may have arguments of its own.
  const int status = std::system((command + " '" + file + "'").c_str());
  if (status == -1 || !WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    return Error{Code::kUnavailable, "the editor failed (" + command + "): nothing was done"};
  }
  std::ifstream in(file, std::ios::binary);
  std::ostringstream edited;
  if (in && in.peek() != std::ifstream::traits_type::eof()) edited << in.rdbuf();
  if (!in.is_open()) return Error{Code::kUnavailable, "the editor has removed its file: nothing was done"};
  return edited.str();
}

}  // namespace eddy::host
