// SPDX-License-Identifier: Apache-2.0
#include "plugin/image.h"

namespace eddy::host {

const FunctionDecl* Image::function(std::string_view name) const {
  for (const FunctionDecl& decl : manifest.functions) {
    if (decl.name == name) return &decl;
  }
  return nullptr;
}

}  // namespace eddy::host
