// SPDX-License-Identifier: Apache-2.0
#include "settings/convert.h"

#include <algorithm>

#include "settings/address.h"
#include "settings/json_value.h"
#include "settings/mask.h"
#include "settings/render.h"
#include "settings/scalar.h"
#include "settings/suggest.h"

namespace eddy::host {
namespace {

bool has_control_character(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; });
}

// "${NAME}" and nothing else: a default would be the secret itself.
bool is_variable(std::string_view text) {
  return text.starts_with("${") && text.find('}') == text.size() - 1 && text.find(':') == std::string_view::npos;
}

// Converts one node; every way out says nothing or adds one finding at least.
class Conversion {
 public:
  Conversion(const Field& field, const std::string& path, const YAML::Mark& key, Report& report)
      : field_(field), path_(path), key_(key), report_(report) {}

  std::optional<Given> run(const YAML::Node& node) {
    std::optional<Given> given = typed(node);
    if (!given || !check_available(node, given->value)) return std::nullopt;
    const YAML::Mark place = node.IsNull() ? key_ : node.Mark();
    given->line = place.line + 1;
    given->column = place.column + 1;
    return given;
  }

 private:
  // `text` follows "path: ".
  std::nullopt_t refuse(const YAML::Node& node, const std::string& text) {
    // A missing value has no place of its own.
    report_.add(node.IsNull() ? key_ : node.Mark(), path_ + ": " + text);
    return std::nullopt;
  }

  std::nullopt_t unexpected(const YAML::Node& node, const std::string& hint = "") {
    const bool hidden = field_.secret && node.IsScalar();
    return refuse(node,
                  "expected " + expectation(field_) + ", found " + (hidden ? "another value" : describe(node)) + hint);
  }

  std::optional<Given> typed(const YAML::Node& node) {
    switch (field_.kind) {
      case Kind::kTextList:
        return text_list(node);
      case Kind::kProperties:
      case Kind::kMapping:
        return mapping(node);
      default:
        break;
    }
    if (node.IsNull()) return unexpected(node, "; leave the key out for the default");
    if (!node.IsScalar()) return unexpected(node);
    const Scalar scalar = read_scalar(node);
    if (!scalar.problem.empty()) return refuse(node, scalar.problem);
    if (field_.kind == Kind::kBool) return boolean(node, scalar);
    return field_.kind == Kind::kText ? text(node, scalar) : number(node, scalar);
  }

  std::optional<Given> boolean(const YAML::Node& node, const Scalar& scalar) {
    if (scalar.type != ScalarType::kBool) return unexpected(node);
    return Given{&field_, scalar.text.front() == 't' || scalar.text.front() == 'T', ""};
  }

  std::optional<Given> number(const YAML::Node& node, const Scalar& scalar) {
    const auto number = to_number(scalar.text);
    const auto integer = to_integer(scalar.text);
    const bool whole = field_.kind == Kind::kInteger;
    if (scalar.type == ScalarType::kText && (whole ? integer.has_value() : number.has_value())) {
      return unexpected(node, " in quotes; take the quotes away");
    }
    const bool is_number = scalar.type == ScalarType::kInteger || (!whole && scalar.type == ScalarType::kFloat);
    if (!is_number || !number || (whole && !integer)) return unexpected(node);
    const bool in_range = *number >= field_.least && *number <= field_.most;
    if (field_.only.empty() && !in_range) return unexpected(node);
    return Given{&field_, whole ? Value(*integer) : Value(*number), ""};
  }

  std::optional<Given> text(const YAML::Node& node, const Scalar& scalar) {
    if (field_.may_be_off && is_off(scalar)) return Given{&field_, std::string(), ""};
    if (scalar.type != ScalarType::kText) {
      return unexpected(node, field_.allowed.empty() ? "; put it in quotes if it is meant as a text" : "");
    }
    if (has_control_character(scalar.text)) return refuse(node, "expected a text without control characters");
    if (!field_.only.empty()) return Given{&field_, scalar.text, ""};
    if (!field_.allowed.empty() && !is_allowed(scalar.text)) {
      const std::string_view meant = nearest(scalar.text, field_.allowed);
      return unexpected(node, meant.empty() ? "" : "; did you mean " + std::string(meant) + "?");
    }
    const bool may_be_empty = field_.allowed.empty() && field_.fallback == Value(std::string());
    if (scalar.text.empty() && !may_be_empty) {
      return refuse(node,
                    "expected " + expectation(field_) + ", found an empty text; leave the key out for the default");
    }
    if (field_.listen_address && !check_address(node, scalar.text)) return std::nullopt;
    return Given{&field_, scalar.text, shown(node)};
  }

  static bool is_off(const Scalar& scalar) {
    const bool no = scalar.type == ScalarType::kBool && (scalar.text.front() == 'f' || scalar.text.front() == 'F');
    return no || (scalar.type == ScalarType::kText && scalar.text.empty());
  }

  // Of a secret: what may be shown of it.
  std::string shown(const YAML::Node& node) const {
    if (!field_.secret) return "";
    if (field_.hidden && !node.Scalar().empty() && !is_variable(node.Scalar())) return std::string(kMasked);
    return mask_text(node.Scalar());
  }

  bool is_allowed(std::string_view text) const {
    return std::find(field_.allowed.begin(), field_.allowed.end(), text) != field_.allowed.end();
  }

  bool check_address(const YAML::Node& node, const std::string& text) {
    const auto address = parse_listen(text);
    if (!address) refuse(node, "expected " + std::string(kAddressForm) + ", found " + describe(node));
    return address.ok();
  }

  std::optional<Given> text_list(const YAML::Node& node) {
    if (!node.IsSequence())
      return unexpected(node, node.IsScalar() ? "; write " + render_plain(std::vector{describe(node)}) : "");
    std::vector<std::string> texts;
    bool good = true;
    for (const auto& element : node) {
      const std::string path = path_ + "[" + std::to_string(texts.size()) + "]";
      const Field one{.path = field_.path, .kind = Kind::kText, .fallback = std::monostate{}};
      const auto given = Conversion(one, path, node.Mark(), report_).run(element);
      texts.push_back(given ? std::get<std::string>(given->value) : "");
      good = good && given.has_value();
    }
    if (!good) return std::nullopt;
    return Given{&field_, std::move(texts), ""};
  }

  std::optional<Given> mapping(const YAML::Node& node) {
    if (node.IsNull()) return Given{&field_, std::string("{}"), "{}"};
    if (!node.IsMap()) return unexpected(node);
    const std::size_t before = report_.size();
    JsonValue json =
        field_.kind == Kind::kProperties ? to_properties(node, path_, report_) : to_json(node, path_, report_);
    if (report_.size() != before) return std::nullopt;
    return Given{&field_, std::move(json.text), std::move(json.shown)};
  }

  bool check_available(const YAML::Node& node, const Value& value) {
    if (field_.only.empty() || value == field_.fallback) return true;
    const bool absent = std::holds_alternative<std::monostate>(field_.fallback);
    refuse(node, std::string(field_.only) + "; expected " +
                     (absent ? "no such key" : render_plain(field_.fallback) + ", found " + describe(node)));
    return false;
  }

  const Field& field_;
  const std::string& path_;
  const YAML::Mark key_;
  Report& report_;
};

}  // namespace

std::string describe(const YAML::Node& node) {
  constexpr std::size_t kLongest = 80;
  if (node.IsMap()) return "a mapping";
  if (node.IsSequence()) return node.size() == 0 ? "an empty list" : "a list";
  if (!node.IsScalar()) return "nothing";
  if (node.Scalar().empty()) return "an empty text";
  std::string text = mask_text(node.Scalar());
  if (text.size() > kLongest) text = text.substr(0, kLongest) + "…";
  return text;
}

std::optional<Given> convert(const Field& field, const std::string& path, const YAML::Node& key,
                             const YAML::Node& value, Report& report) {
  return Conversion(field, path, key.Mark(), report).run(value);
}

}  // namespace eddy::host
