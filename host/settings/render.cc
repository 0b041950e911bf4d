// SPDX-License-Identifier: Apache-2.0
#include "settings/render.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

#include "settings/fields.h"
#include "settings/mask.h"
#include "settings/scalar.h"

namespace eddy::host {
namespace {

std::string in_quotes(std::string_view text) {
  using Text = nlohmann::json;
  return Text(std::string(text)).dump(-1, ' ', false, Text::error_handler_t::replace);
}

std::string text_of(std::string_view text) {
  constexpr std::string_view kSafe = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./-";
  const bool plain = !text.empty() && text.find_first_not_of(kSafe) == std::string_view::npos && text.front() != '-' &&
                     resolve(text) == ScalarType::kText;
  return plain ? std::string(text) : in_quotes(text);
}

// A text from the file has its variables replaced, so what looks like one now is meant as it stands.
std::string shown_text(std::string_view text) {
  std::string out = mask_text(text);
  for (std::size_t at = 0; (at = out.find("${", at)) != std::string::npos; at += 3) out.insert(at, "$");
  return text_of(out);
}

std::string shown(const Value& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return shown_text(*text);
  if (const auto* texts = std::get_if<std::vector<std::string>>(&value)) {
    std::string out = "[";
    for (const auto& text : *texts) out += (out.size() > 1 ? ", " : "") + shown_text(text);
    return out + "]";
  }
  return render_plain(value);
}

std::string shown(const Field& field, const Value& value, const std::string& as_written) {
  if (field.kind == Kind::kMapping || field.kind == Kind::kProperties) return as_written.empty() ? "{}" : as_written;
  // As written: variables keep their names, `$${` stays what it was.
  if (field.secret && !as_written.empty()) return text_of(as_written);
  return shown(value);
}

// Writes nested keys from dotted paths that come grouped, as the field table has them.
class Writer {
 public:
  Writer(std::string& out, std::size_t indent) : out_(out), base_(indent) {}

  void write(std::string_view path, const std::string& value) {
    std::vector<std::string_view> parts;
    for (std::size_t dot = 0; (dot = path.find('.')) != std::string_view::npos; path.remove_prefix(dot + 1)) {
      parts.push_back(path.substr(0, dot));
    }
    std::size_t common = 0;
    while (common < parts.size() && common < open_.size() && parts[common] == open_[common]) ++common;
    for (std::size_t i = common; i < parts.size(); ++i) line(i, std::string(parts[i]) + ":");
    open_ = parts;
    line(parts.size(), std::string(path) + ": " + value);
  }

 private:
  void line(std::size_t depth, const std::string& text) {
    out_.append(2 * (base_ + depth), ' ');
    out_ += text + "\n";
  }

  std::string& out_;
  std::size_t base_;
  std::vector<std::string_view> open_;
};

void write_sections(std::string& out, std::size_t indent, const std::vector<Settings::Section>& sections) {
  for (const auto& section : sections) {
    out.append(2 * indent, ' ');
    out += in_quotes(section.pattern) + ":" + (section.given.empty() ? " {}" : "") + "\n";
    Writer writer(out, indent + 1);
    for (const Given& given : section.given) {
      writer.write(given.field->path, shown(*given.field, given.value, given.shown));
    }
  }
}

const Given* given_of(const Settings& settings, const Field& field) {
  const auto found = std::find_if(settings.given.begin(), settings.given.end(),
                                  [&](const Given& given) { return given.field == &field; });
  return found == settings.given.end() ? nullptr : &*found;
}

// The groups of the top that end with sections, or with a list of entries.
constexpr Scope kGroups[] = {Scope::kStream, Scope::kTable, Scope::kToken, Scope::kAdminToken};

// "streams." of "streams.named".
std::string_view group_of(Scope scope) {
  const std::string_view name = section_name(scope);
  return name.substr(0, name.find('.') + 1);
}

bool in_a_group(std::string_view path) {
  return std::any_of(std::begin(kGroups), std::end(kGroups),
                     [&](Scope scope) { return path.starts_with(group_of(scope)); });
}

// The fields below `prefix`; none: those that are in no group.
void write_fields(std::string& out, const Settings& settings, std::optional<std::string_view> prefix) {
  Writer writer(out, 0);
  for (const Field& field : fields(Scope::kTop)) {
    if (prefix ? !field.path.starts_with(*prefix) : in_a_group(field.path)) continue;
    const Given* given = given_of(settings, field);
    if (!field.served && given == nullptr) continue;
    writer.write(field.path, shown(field, effective(field, settings), given != nullptr ? given->shown : ""));
  }
}

void write_named(std::string& out, const std::vector<Settings::Section>& sections) {
  if (sections.empty()) return;
  out += "  named:\n";
  write_sections(out, 2, sections);
}

void write_tokens(std::string& out, const std::vector<Settings::Section>& tokens) {
  if (!tokens.empty()) out += "  tokens:\n";
  for (const auto& token : tokens) {
    std::string lines;
    Writer writer(lines, 3);
    for (const Given& given : token.given) {
      writer.write(given.field->path, shown(*given.field, given.value, given.shown));
    }
    if (lines.empty()) lines = "      {}\n";
    lines[4] = '-';
    out += lines;
  }
}

}  // namespace

std::string render_plain(const Value& value) {
  struct Visitor {
    std::string operator()(std::monostate) const { return ""; }
    std::string operator()(bool flag) const { return flag ? "true" : "false"; }
    std::string operator()(std::int64_t number) const { return std::to_string(number); }
    std::string operator()(double number) const { return nlohmann::json(number).dump(); }
    std::string operator()(const std::string& text) const { return text_of(text); }
    std::string operator()(const std::vector<std::string>& texts) const {
      std::string out = "[";
      for (const auto& text : texts) out += (out.size() > 1 ? ", " : "") + text_of(text);
      return out + "]";
    }
  };
  return std::visit(Visitor{}, value);
}

std::string to_yaml(const Settings& settings) {
  std::string out;
  write_fields(out, settings, std::nullopt);
  write_fields(out, settings, group_of(Scope::kStream));
  write_named(out, settings.stream_sections);
  write_fields(out, settings, group_of(Scope::kTable));
  write_named(out, settings.table_sections);
  write_fields(out, settings, group_of(Scope::kToken));
  write_tokens(out, settings.token_sections);
  write_fields(out, settings, group_of(Scope::kAdminToken));
  write_tokens(out, settings.admin_token_sections);
  if (!settings.webhook_sections.empty()) out += "webhooks:\n";
  write_sections(out, 1, settings.webhook_sections);
  if (!settings.function_sections.empty()) out += "functions:\n";
  write_sections(out, 1, settings.function_sections);
  if (!settings.queue_sections.empty()) out += "dead_letter_queues:\n";
  write_sections(out, 1, settings.queue_sections);
  return out;
}

}  // namespace eddy::host
