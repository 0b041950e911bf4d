// SPDX-License-Identifier: Apache-2.0
#include "dead_letter/mask.h"

#include <algorithm>
#include <cctype>

#include "dead_letter/json_spans.h"
#include "dead_letter/letter.h"

namespace eddy::host {

namespace {

constexpr std::string_view kHidden = "***";
// A shorter value is hidden only where it stands alone: "7" must not tear every number of a text apart.
constexpr std::size_t kStandsOut = 4;
// A shorter stretch says nothing of an original that is no JSON.
constexpr std::size_t kStretch = 6;
// Longer originals are not searched: then nothing of the text is shown.
constexpr std::size_t kMostSearched = std::size_t{1} << 20;

std::string unescaped_token(std::string_view token) {
  std::string text;
  for (std::size_t i = 0; i < token.size(); ++i) {
    if (token[i] == '~' && i + 1 < token.size()) {
      text.push_back(token[++i] == '0' ? '~' : '/');
    } else {
      text.push_back(token[i]);
    }
  }
  return text;
}

std::vector<std::string> tokens_of(std::string_view pointer) {
  std::vector<std::string> tokens;
  while (!pointer.empty()) {
    pointer.remove_prefix(1);
    const std::size_t end = std::min(pointer.find('/'), pointer.size());
    tokens.push_back(unescaped_token(pointer.substr(0, end)));
    pointer.remove_prefix(end);
  }
  return tokens;
}

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

bool stands_alone(std::string_view text, std::size_t at, std::size_t size) {
  return (at == 0 || !is_word(text[at - 1])) && (at + size >= text.size() || !is_word(text[at + size]));
}

void hide(std::string& text, std::string_view value) {
  if (value.empty()) return;
  for (std::size_t at = text.find(value); at != std::string::npos; at = text.find(value, at)) {
    if (value.size() < kStandsOut && !stands_alone(text, at, value.size())) {
      ++at;
      continue;
    }
    text.replace(at, value.size(), kHidden);
    at += kHidden.size();
  }
}

// What a hidden value may look like elsewhere: as it stands, and a string without its quotes and escapes; of an object
// or an array each value in it.
void add_forms(std::vector<std::string>& forms, std::string_view value) {
  const char first = value.empty() ? '\0' : value.front();
  if (first == '{' || first == '[') {
    const auto inner = json_spans(value, {{"*"}});
    for (const JsonSpan& span : inner.value_or(std::vector<JsonSpan>())) {
      add_forms(forms, value.substr(span.begin, span.end - span.begin));
    }
    return;
  }
  if (value == "true" || value == "false" || value == "null" || value == "\"\"") return;
  forms.emplace_back(first == '"' ? value.substr(1, value.size() - 2) : value);
  if (auto text = json_unescaped(value); text && *text != forms.back()) forms.push_back(*std::move(text));
}

// Every stretch of `text` that `original` has as well.
std::string without_stretches(std::string_view text, std::string_view original) {
  if (original.size() > kMostSearched) return std::string(kHidden);
  std::string shown;
  std::size_t at = 0;
  while (at < text.size()) {
    std::size_t size = std::min(kStretch, original.size());
    if (size == 0 || at + size > text.size() || original.find(text.substr(at, size)) == std::string_view::npos) {
      shown.push_back(text[at++]);
      continue;
    }
    while (at + size < text.size() && original.find(text.substr(at, size + 1)) != std::string_view::npos) ++size;
    shown.append(kHidden);
    at += size;
  }
  return shown;
}

}  // namespace

bool is_json_pointer(std::string_view text) {
  if (!text.empty() && !text.starts_with('/')) return false;
  for (std::size_t at = text.find('~'); at != std::string_view::npos; at = text.find('~', at + 1)) {
    if (text.substr(at + 1, 1) != "0" && text.substr(at + 1, 1) != "1") return false;
  }
  return true;
}

Mask::Mask(const std::vector<std::string>& pointers) {
  for (const std::string& pointer : pointers) {
    if (is_json_pointer(pointer)) pointers_.push_back(tokens_of(pointer));
  }
}

bool Mask::touches(std::string_view pointer) const {
  if (!hides() || !is_json_pointer(pointer)) return false;
  const std::vector<std::string> asked = tokens_of(pointer);
  const auto on_the_way = [&](const std::vector<std::string>& hidden) {
    const auto common = static_cast<std::ptrdiff_t>(std::min(hidden.size(), asked.size()));
    return std::equal(hidden.begin(), hidden.begin() + common, asked.begin(),
                      [](const std::string& ours, const std::string& theirs) { return ours == "*" || ours == theirs; });
  };
  return std::ranges::any_of(pointers_, on_the_way);
}

std::string Mask::original(Bytes original) const {
  const std::string_view text = original.view();
  if (!hides() || original.null()) return std::string(text);
  const auto spans = json_spans(text, pointers_);
  if (!spans) return std::string(kHidden);
  std::string shown;
  std::size_t from = 0;
  for (const JsonSpan& span : *spans) {
    shown.append(text.substr(from, span.begin - from)).append("\"").append(kHidden).append("\"");
    from = span.end;
  }
  return shown.append(text.substr(from));
}

std::string Mask::text(std::string_view text, Bytes original) const {
  std::string shown(text);
  if (!hides() || original.null() || text.empty()) return shown;
  const auto spans = json_spans(original.view(), pointers_);
  if (!spans) return without_stretches(text, original.view());
  std::vector<std::string> forms;
  for (const JsonSpan& span : *spans) add_forms(forms, original.view().substr(span.begin, span.end - span.begin));
  std::ranges::sort(forms, std::ranges::greater(), &std::string::size);
  for (const std::string& form : forms) hide(shown, form);
  return shown;
}

std::string Mask::text_of(const DeadLetter& letter, std::string_view text) const {
  const bool away = letter.original.null() && (letter.truncated || !letter.encrypted_with.empty());
  const bool corrected = !letter.edited_from_id.empty();
  if (hides() && !text.empty() && (away || corrected)) return std::string(kHidden);
  return this->text(text, letter.original);
}

std::string Mask::output(std::string_view value, Bytes of) const {
  if (!hides()) return std::string(value);
  const auto spans = json_spans(value, pointers_);
  // What is no JSON may be made of anything in the record.
  return text(spans ? original(Bytes(value)) : std::string(value), of);
}

}  // namespace eddy::host
