// SPDX-License-Identifier: Apache-2.0
// The files of sdk/template, as they were when the binary was built.
#pragma once

#include <span>
#include <string_view>

namespace eddy::host {

struct TemplateFile {
  std::string_view name;
  std::string_view text;
};

std::span<const TemplateFile> template_files();

}  // namespace eddy::host
