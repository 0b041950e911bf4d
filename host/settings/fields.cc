// SPDX-License-Identifier: Apache-2.0
#include "settings/fields.h"

#include <algorithm>

#include "settings/field_tables.h"

namespace eddy::host {
namespace {

std::string plain(double number) {
  std::string text = std::to_string(number);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.ends_with('.')) text.pop_back();
  return text;
}

std::string listed(const std::vector<std::string_view>& texts) {
  std::string out;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (i > 0) out += i + 1 == texts.size() ? " or " : ", ";
    out += texts[i];
  }
  return out;
}

}  // namespace

std::span<const Field> fields(Scope scope) {
  static const std::vector<Field> top = top_fields();
  static const std::vector<Field> function = function_fields();
  static const std::vector<Field> queue = queue_fields();
  static const std::vector<Field> stream = stream_fields();
  static const std::vector<Field> table = table_fields();
  static const std::vector<Field> token = token_fields();
  static const std::vector<Field> admin_token = admin_token_fields();
  static const std::vector<Field> webhook = webhook_fields();
  switch (scope) {
    case Scope::kTop:
      return top;
    case Scope::kWebhook:
      return webhook;
    case Scope::kFunction:
      return function;
    case Scope::kQueue:
      return queue;
    case Scope::kTable:
      return table;
    case Scope::kToken:
      return token;
    case Scope::kAdminToken:
      return admin_token;
    case Scope::kStream:
      break;
  }
  return stream;
}

std::string_view section_name(Scope scope) {
  switch (scope) {
    case Scope::kTop:
      return "";
    case Scope::kFunction:
      return "functions";
    case Scope::kQueue:
      return "dead_letter_queues";
    case Scope::kTable:
      return "tables.named";
    case Scope::kWebhook:
      return "webhooks";
    case Scope::kToken:
      return "ingest.tokens";
    case Scope::kAdminToken:
      return "admin.tokens";
    case Scope::kStream:
      break;
  }
  return "streams.named";
}

std::vector<std::string_view> children(Scope scope, std::string_view prefix) {
  std::vector<std::string_view> found;
  const auto add = [&](std::string_view path) {
    if (!path.starts_with(prefix)) return;
    path.remove_prefix(prefix.size());
    path = path.substr(0, path.find('.'));
    if (std::find(found.begin(), found.end(), path) == found.end()) found.push_back(path);
  };
  for (const Field& field : fields(scope)) add(field.path);
  if (scope == Scope::kTop) {
    for (const Scope section : kSections) add(section_name(section));
  }
  return found;
}

const Field* find_field(Scope scope, std::string_view path) {
  const auto table = fields(scope);
  const auto found = std::find_if(table.begin(), table.end(), [&](const Field& field) { return field.path == path; });
  return found == table.end() ? nullptr : &*found;
}

std::string expectation(const Field& field) {
  switch (field.kind) {
    case Kind::kBool:
      return "true or false";
    case Kind::kInteger:
    case Kind::kNumber: {
      std::string text = field.kind == Kind::kInteger ? "an integer from " : "a number from ";
      text += plain(field.least) + " to " + plain(field.most);
      if (!field.unit.empty()) text += " " + std::string(field.unit);
      return text;
    }
    case Kind::kText:
      if (!field.allowed.empty()) return listed(field.allowed);
      if (!field.listen_address) return "a text";
      return field.may_be_off ? "host:port, or false for none" : "host:port";
    case Kind::kTextList:
      return "a list of texts";
    case Kind::kProperties:
      return "a mapping of names to texts";
    case Kind::kMapping:
      break;
  }
  return "a mapping";
}

Value effective(const Field& field, const Settings& settings) {
  if (field.load != nullptr) {
    Settings copy = settings;
    return field.load(field, Target{.top = &copy});
  }
  for (const Given& given : settings.given) {
    if (given.field == &field) return given.value;
  }
  return field.fallback;
}

}  // namespace eddy::host
