// SPDX-License-Identifier: Apache-2.0
#include "settings/environment.h"

#include <cstdlib>

#include "base/encoding.h"

namespace eddy::host {
namespace {

bool is_name(std::string_view text) {
  const auto letter = [](char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_'; };
  if (text.empty() || !letter(text.front())) return false;
  for (const char c : text) {
    if (!letter(c) && !(c >= '0' && c <= '9')) return false;
  }
  return true;
}

// Appends the value of what stands between the braces, or says what is wrong.
std::string append_variable(std::string& out, std::string_view inside) {
  const std::size_t split = inside.find(":-");
  const std::string name(inside.substr(0, split));
  if (!is_name(name)) {
    return "expected ${NAME} or ${NAME:-default}, found ${" + std::string(inside) + "}; write $${ for a plain ${";
  }
  const char* value = std::getenv(name.c_str());
  const bool has_default = split != std::string_view::npos;
  if (has_default && (value == nullptr || *value == '\0')) {
    out += inside.substr(split + 2);
    return "";
  }
  if (value == nullptr) {
    return "environment variable " + name + " is not set; set it, or write ${" + name + ":-default}";
  }
  if (!is_utf8(value)) return "environment variable " + name + " is not UTF-8";
  out += value;
  return "";
}

}  // namespace

Expanded expand_environment(std::string_view text) {
  Expanded result;
  while (!text.empty()) {
    const std::size_t dollar = text.find('$');
    result.text += text.substr(0, dollar);
    if (dollar == std::string_view::npos) break;
    text.remove_prefix(dollar);
    if (text.starts_with("$${")) {
      result.text += "${";
      text.remove_prefix(3);
    } else if (text.starts_with("${")) {
      const std::size_t end = text.find('}');
      if (end == std::string_view::npos) {
        result.problem = "${ without a closing }; write $${ for a plain ${";
        return result;
      }
      result.problem = append_variable(result.text, text.substr(2, end - 2));
      if (!result.problem.empty()) return result;
      result.replaced = true;
      text.remove_prefix(end + 1);
    } else {
      result.text += '$';
      text.remove_prefix(1);
    }
  }
  return result;
}

}  // namespace eddy::host
