// SPDX-License-Identifier: Apache-2.0
#include "runtime/repro/kept_plugin.h"

#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/hash.h"

namespace eddy::host {

namespace {

namespace fs = std::filesystem;

bool has_hash(const fs::path& file, const std::string& wanted) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream bytes;
  if (!in || in.peek() == std::ifstream::traits_type::eof()) return false;
  bytes << in.rdbuf();
  return to_hex(sha256(bytes.str())) == wanted;
}

}  // namespace

std::optional<std::string> find_build(const Settings& settings, const std::string& sha256_wanted) {
  if (sha256_wanted.empty()) return std::nullopt;
  std::error_code error;
  for (const fs::path& root : {fs::path(settings.plugin_dir), fs::path(settings.data_dir) / "plugins"}) {
    const auto options = fs::directory_options::skip_permission_denied;
    for (auto at = fs::recursive_directory_iterator(root, options, error); !error && at != fs::end(at);
         at.increment(error)) {
      std::error_code ignored;
      if (at->is_regular_file(ignored) && has_hash(at->path(), sha256_wanted)) return at->path().string();
    }
    error.clear();
  }
  return std::nullopt;
}

}  // namespace eddy::host
