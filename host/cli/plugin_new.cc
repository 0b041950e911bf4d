// SPDX-License-Identifier: Apache-2.0
// eddy plugin new: a project that builds, tests and loads as it stands.
#include <algorithm>
#include <array>
#include <cctype>
#include <filesystem>
#include <fstream>

#include "cli/command.h"
#include "cli/commands.h"
#include "cli/template_files.h"
#include "plugin/note.h"

namespace eddy::host {

namespace {

struct NewOptions {
  std::string name;
  std::string build = "cmake";
};

constexpr std::string_view kCMakeCommands =
    "cmake -B build -DCMAKE_PREFIX_PATH=PREFIX      # where Eddy is installed\n"
    "cmake --build build && ctest --test-dir build --output-on-failure";
constexpr std::string_view kMakeCommands =
    "export PKG_CONFIG_PATH=PREFIX/lib/pkgconfig    # where Eddy is installed\n"
    "make && make test";

// What CMake keeps for itself as names of targets.
constexpr std::array kTargets = {"all", "clean", "edit_cache", "help", "install", "package", "rebuild_cache", "test"};

Error unfit(const std::string& name, std::string_view expected) {
  return Error{Code::kUsage, "expected " + std::string(expected) + ", found \"" + name + "\""};
}

// A plugin's name, which here also names files and targets of a build.
Result<void> check_name(const std::string& name) {
  constexpr std::size_t kMaxName = sizeof(eddy_note_info{}.plugin_name) - 1;
  const auto is_word = [](unsigned char c) { return std::isalnum(c) != 0 || c == '_'; };
  if (!is_name(name) || !std::all_of(name.begin(), name.end(), is_word) || name.front() == '_' ||
      std::isdigit(static_cast<unsigned char>(name.front())) != 0) {
    return unfit(name, "a plugin name of letters, digits and '_' that begins with a letter");
  }
  if (name.size() > kMaxName)
    return unfit(name, "a plugin name of at most " + std::to_string(kMaxName) + " characters");
  if (std::find(kTargets.begin(), kTargets.end(), name) != kTargets.end()) {
    return unfit(name, "a plugin name that is no target of every build");
  }
  return {};
}

std::string replaced(std::string_view text, std::string_view mark, std::string_view by) {
  std::string result;
  for (std::size_t at = text.find(mark); at != text.npos; at = text.find(mark)) {
    result.append(text.substr(0, at)).append(by);
    text.remove_prefix(at + mark.size());
  }
  return result.append(text);
}

bool belongs(std::string_view file, const std::string& build) {
  if (file == "CMakeLists.txt") return build == "cmake";
  if (file == "Makefile") return build == "make";
  return true;
}

std::string name_in_project(std::string_view file, const std::string& plugin) {
  if (file == "gitignore") return ".gitignore";
  if (file == "README.plugin.md") return "README.md";
  return replaced(file, "NAME", plugin);
}

Result<void> write_file(const std::filesystem::path& path, const std::string& text) {
  std::ofstream out(path, std::ios::binary);
  out << text;
  out.close();
  if (!out) return Error{Code::kUnavailable, path.string() + ": cannot be written"};
  return {};
}

Result<int> make_project(const NewOptions& options) {
  EDDY_TRY(check_name(options.name));
  const std::filesystem::path folder = options.name;
  std::error_code error;
  // True only when it was not there: nothing of anybody's is written over.
  if (!std::filesystem::create_directory(folder, error)) {
    if (error) return Error{Code::kUnavailable, options.name + ": cannot be made: " + error.message()};
    return Error{Code::kUsage, options.name + " is there already; choose another name, or remove it"};
  }
  const std::string_view commands = options.build == "make" ? kMakeCommands : kCMakeCommands;
  for (const TemplateFile& file : template_files()) {
    if (!belongs(file.name, options.build)) continue;
    const std::string text = replaced(replaced(file.text, "@NAME@", options.name), "@BUILD@", commands);
    EDDY_TRY(write_file(folder / name_in_project(file.name, options.name), text));
  }
  print("made " + options.name + "/; next: cd " + options.name + ", then as README.md says\n");
  return kExitDone;
}

}  // namespace

void add_plugin_new(CommandLine& line) {
  auto options = std::make_shared<NewOptions>();
  CLI::App* plugin = line.app.get_subcommand("plugin");
  CLI::App* command = plugin->add_subcommand("new", "A project in a folder of its own: a plugin, its test, a sample");
  command->add_option("name", options->name, "Name of the plugin and of the folder")->required();
  command->add_option("--build", options->build, "How it is built")
      ->check(CLI::IsMember({"cmake", "make"}))
      ->capture_default_str();
  command->callback([&line, options] {
    const auto done = make_project(*options);
    line.exit_code = done ? *done : report(done.error());
  });
}

}  // namespace eddy::host
