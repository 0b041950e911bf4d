// SPDX-License-Identifier: Apache-2.0
#include "settings/load.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>

#include "base/encoding.h"
#include "settings/convert.h"
#include "settings/fields.h"
#include "settings/json_value.h"
#include "settings/letter_keys.h"
#include "settings/report.h"
#include "settings/rules.h"
#include "settings/scalar.h"
#include "settings/suggest.h"

namespace eddy::host {
namespace {

// The text that a finding about an unknown key ends with.
std::string advice(Scope scope, const std::string& prefix, const std::string& key) {
  const auto known = children(scope, prefix);
  if (const std::string_view meant = nearest(key, known); !meant.empty()) {
    return "did you mean " + std::string(meant) + "?";
  }
  const std::string path = prefix + key;
  if (const std::size_t dot = key.find('.'); dot != std::string::npos && find_field(scope, path) != nullptr) {
    return "nest it: " + key.substr(0, dot) + ": { " + key.substr(dot + 1) + ": … }";
  }
  for (const Scope other : {Scope::kTop, Scope::kFunction, Scope::kQueue, Scope::kStream, Scope::kTable}) {
    const auto there = children(other, "");
    if (other == scope || std::find(there.begin(), there.end(), key) == there.end()) continue;
    if (other == Scope::kTop) return "it belongs to the top of the file";
    return "it belongs to a section of " + std::string(section_name(other));
  }
  std::string list;
  for (const std::string_view name : known) list += (list.empty() ? "" : ", ") + std::string(name);
  return "expected one of " + list;
}

class Reader {
 public:
  explicit Reader(Report& report) : report_(report) {}

  Settings read(const YAML::Node& root) {
    walk(Scope::kTop, root, "", "", settings_.given);
    for (const Given& given : settings_.given) {
      if (given.field->store != nullptr) given.field->store(*given.field, {.top = &settings_}, given.value);
    }
    return std::move(settings_);
  }

 private:
  // `prefix` is what leads to the keys of `node` in the field table ("retry."), `where` the same for messages.
  void walk(Scope scope, const YAML::Node& node, const std::string& prefix, const std::string& where,
            std::vector<Given>& out) {
    if (!is_mapping(node, where)) return;
    check_keys(node, where, report_);
    for (const auto& entry : node) {
      if (!entry.first.IsScalar()) continue;
      const std::string& key = entry.first.Scalar();
      visit(scope, entry.first, entry.second, prefix + key, where.empty() ? key : where + "." + key, prefix, out);
    }
  }

  void visit(Scope scope, const YAML::Node& key, const YAML::Node& value, const std::string& path,
             const std::string& where, const std::string& prefix, std::vector<Given>& out) {
    const auto known = children(scope, prefix);
    if (std::find(known.begin(), known.end(), key.Scalar()) == known.end()) {
      report_.add(key.Mark(), where + ": unknown key; " + advice(scope, prefix, key.Scalar()));
    } else if (const Field* field = find_field(scope, path)) {
      if (auto given = convert(*field, where, key, value, report_)) out.push_back(*std::move(given));
    } else if (scope == Scope::kTop && path == section_name(Scope::kToken)) {
      entries(Scope::kToken, value, "{ name, hash, routes, expires }", &Target::token, settings_.ingest.tokens,
              settings_.token_sections);
    } else if (scope == Scope::kTop && path == section_name(Scope::kAdminToken)) {
      entries(Scope::kAdminToken, value, "{ name, hash, rights, expires }", &Target::admin_token,
              settings_.admin.tokens, settings_.admin_token_sections);
    } else if (scope == Scope::kTop && sections_of(path) != nullptr) {
      sections(path, value);
    } else {
      walk(scope, value, path + ".", where, out);
    }
  }

  // A section without content is one whose keys are all commented out.
  bool is_mapping(const YAML::Node& node, const std::string& where) {
    if (node.IsNull()) return false;
    if (node.IsMap()) return true;
    report_.add(node.Mark(),
                (where.empty() ? "" : where + ": ") + "expected a mapping of keys, found " + describe(node));
    return false;
  }

  std::vector<Settings::Section>* sections_of(std::string_view path) {
    if (path == section_name(Scope::kFunction)) return &settings_.function_sections;
    if (path == section_name(Scope::kQueue)) return &settings_.queue_sections;
    if (path == section_name(Scope::kTable)) return &settings_.table_sections;
    if (path == section_name(Scope::kWebhook)) return &settings_.webhook_sections;
    return path == section_name(Scope::kStream) ? &settings_.stream_sections : nullptr;
  }

  // A list of mappings; `form` is what an entry looks like.
  template <typename Entry>
  void entries(Scope scope, const YAML::Node& node, const char* form, Entry* Target::*at, std::vector<Entry>& all,
               std::vector<Settings::Section>& written) {
    const std::string path(section_name(scope));
    if (node.IsNull()) return;
    if (!node.IsSequence()) {
      report_.add(node.Mark(), path + ": expected a list of " + form + ", found " + describe(node));
      return;
    }
    for (const auto& entry : node) {
      const YAML::Mark mark = entry.Mark();
      Settings::Section section{"", mark.line + 1, mark.column + 1, {}};
      const std::string where = path + "[" + std::to_string(written.size()) + "]";
      if (entry.IsMap() && entry.size() > 0) {
        walk(scope, entry, "", where, section.given);
      } else {
        // Not what was found: it may be a token.
        report_.add(mark, where + ": expected " + form + ", found another value");
      }
      Entry made;
      Target target;
      target.*at = &made;
      for (const Given& given : section.given) given.field->store(*given.field, target, given.value);
      section.pattern = made.name;
      all.push_back(std::move(made));
      written.push_back(std::move(section));
    }
  }

  void sections(const std::string& path, const YAML::Node& node) {
    if (!is_mapping(node, path)) return;
    check_keys(node, path, report_);
    const Scope scope = *std::find_if(std::begin(kSections), std::end(kSections),
                                      [&](Scope section) { return section_name(section) == path; });
    for (const auto& entry : node) {
      if (!entry.first.IsScalar()) continue;
      const YAML::Mark mark = entry.first.Mark();
      Settings::Section section{entry.first.Scalar(), mark.line + 1, mark.column + 1, {}};
      if (section.pattern.empty()) report_.add(mark, path + ": expected a name or a glob as key, found an empty text");
      walk(scope, entry.second, "", path + "[\"" + section.pattern + "\"]", section.given);
      sections_of(path)->push_back(std::move(section));
    }
  }

  Report& report_;
  Settings settings_;
};

// yaml-cpp takes a quote that is never closed as one that ends with the file.
void check_quotes(const YAML::Node& node, std::string_view text, Report& report, int depth = 0) {
  constexpr int kDeepestNode = 64;
  if (depth > kDeepestNode) return;
  if (node.IsScalar() && node.Tag() == "!" && quote_left_open(text, node.Mark())) {
    report.add(node.Mark(), "the quote that opens here is never closed");
  }
  // Only the last value of a file can be open.
  if (node.IsMap() && node.size() > 0) {
    YAML::Node last;
    for (const auto& entry : node) last.reset(entry.second);
    check_quotes(last, text, report, depth + 1);
  } else if (node.IsSequence() && node.size() > 0) {
    check_quotes(node[node.size() - 1], text, report, depth + 1);
  }
}

bool check_utf8(std::string_view text, Report& report) {
  if (is_utf8(text)) return true;
  YAML::Mark mark;
  mark.line = mark.column = 0;
  while (true) {
    const std::string_view line = text.substr(0, text.find('\n'));
    if (!is_utf8(line)) break;
    text.remove_prefix(line.size() + 1);
    ++mark.line;
  }
  while (is_utf8(text.substr(0, static_cast<std::size_t>(mark.column) + 1)) ||
         is_utf8(text.substr(0, static_cast<std::size_t>(mark.column) + 2)) ||
         is_utf8(text.substr(0, static_cast<std::size_t>(mark.column) + 3)) ||
         is_utf8(text.substr(0, static_cast<std::size_t>(mark.column) + 4))) {
    ++mark.column;
  }
  report.add(mark, "expected UTF-8, found other bytes");
  return false;
}

std::vector<YAML::Node> parse_documents(const std::string& text, Report& report) {
  try {
    return YAML::LoadAll(text);
  } catch (const YAML::Exception& error) {
    YAML::Mark mark = error.mark;
    if (mark.is_null()) mark.line = mark.column = 0;
    // "bad file" is what yaml-cpp says of nesting beyond its limit.
    const bool deep = error.msg == "bad file";
    report.add(mark, deep ? "nested too deeply" : "not valid YAML: " + error.msg);
  }
  return {};
}

LoadedSettings finish(Settings settings, Report& report) {
  settings.file = report.file();
  return {std::move(settings), report.take()};
}

}  // namespace

std::string Finding::message() const {
  if (line == 0) return file + ": " + text;
  return file + ":" + std::to_string(line) + ":" + std::to_string(column) + ": " + text;
}

std::vector<Finding> Report::take() {
  std::stable_sort(findings_.begin(), findings_.end(), [](const Finding& a, const Finding& b) {
    return std::pair(a.line, a.column) < std::pair(b.line, b.column);
  });
  return std::move(findings_);
}

LoadedSettings parse_settings(const std::string& text, const std::string& name) {
  Report report(name);
  if (!check_utf8(text, report)) return finish({}, report);
  const std::vector<YAML::Node> documents = parse_documents(text, report);
  if (documents.empty()) return finish({}, report);
  if (documents.size() > 1) {
    report.add(documents[1].Mark(), "expected one YAML document, found another one; remove the line ---");
  }
  check_quotes(documents[0], text, report);
  Settings settings = Reader(report).read(documents[0]);
  check_rules(settings, report);
  read_letter_keys(settings, report);
  return finish(std::move(settings), report);
}

LoadedSettings load_settings(const std::string& path) {
  Report report(path);
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  // A folder opens as well as a file does, and fails at the first read.
  if (file && file.peek() != std::ifstream::traits_type::eof()) text << file.rdbuf();
  if (!file.is_open() || file.bad() || errno == EISDIR) {
    const int cause = errno != 0 ? errno : EIO;
    report.add_whole(std::string("cannot be read: ") + std::strerror(cause) + "; give a configuration file with -c");
    return finish({}, report);
  }
  LoadedSettings loaded = parse_settings(text.str(), path);
  loaded.empty = text.view().empty();
  return loaded;
}

}  // namespace eddy::host
