// SPDX-License-Identifier: Apache-2.0
#include "settings/push_rules.h"

#include "settings/given.h"
#include "settings/push_address.h"

namespace eddy::host {
namespace {

// What a DogStatsD line is cut at.
constexpr std::string_view kCuts = "|,#\n\r";
// Less than CloudWatch's 30, so that the labels of every metric have room.
constexpr std::size_t kMostDimensions = 20;
constexpr std::size_t kLongestNamespace = 255;

bool is_tag(std::string_view text) { return !text.empty() && text.find_first_of(kCuts) == std::string_view::npos; }

bool is_prefix(std::string_view text) {
  constexpr std::string_view kPlain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._";
  return text.empty() ||
         (text.find_first_not_of(kPlain) == std::string_view::npos && !(text[0] >= '0' && text[0] <= '9'));
}

bool is_namespace(std::string_view text) {
  constexpr std::string_view kAllowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_/#: ";
  return !text.empty() && text.size() <= kLongestNamespace &&
         text.find_first_not_of(kAllowed) == std::string_view::npos && !text.starts_with("AWS/") &&
         text.find_first_not_of(' ') != std::string_view::npos;
}

class PushRules {
 public:
  PushRules(const Settings& settings, Report& report) : settings_(settings), report_(report) {}

  void check() {
    check_dogstatsd();
    check_emf();
  }

 private:
  void check_dogstatsd() {
    const DogStatsdSettings& dogstatsd = settings_.push.dogstatsd;
    if (!dogstatsd.address.empty()) {
      const auto address = parse_push_address(dogstatsd.address);
      if (!address) add("push.dogstatsd.address", address.error().text);
    }
    if (!is_prefix(dogstatsd.prefix)) {
      add("push.dogstatsd.prefix",
          "expected letters, digits, dots and underscores, not beginning with a digit, found " + dogstatsd.prefix);
    }
    for (const std::string& tag : dogstatsd.tags) {
      if (!is_tag(tag)) add("push.dogstatsd.tags", "expected NAME:VALUE without | , # or line ends, found " + tag);
    }
  }

  void check_emf() {
    const EmfSettings& emf = settings_.push.emf;
    if (!is_namespace(emf.name_space)) {
      add("push.emf.namespace",
          "expected at most 255 letters, digits and . - _ / # : not beginning with AWS/, found " + emf.name_space);
    }
    if (emf.dimensions.size() > kMostDimensions) {
      add("push.emf.dimensions",
          "expected at most " + std::to_string(kMostDimensions) + ", found " + std::to_string(emf.dimensions.size()));
    }
    for (const auto& [name, value] : emf.dimensions) {
      if (!name.empty() && name.size() <= 250 && !name.starts_with("_aws") && !value.empty() && value.size() <= 1024) {
        continue;
      }
      add("push.emf.dimensions",
          "expected a name of 1 to 250 bytes other than _aws with a value of 1 to 1024, found " + name);
    }
  }

  void add(std::string_view key, const std::string& text) {
    if (const Given* given = find_given(settings_.given, key)) {
      report_.add(mark_of(*given), std::string(key) + ": " + text);
    }
  }

  const Settings& settings_;
  Report& report_;
};

}  // namespace

void check_push_rules(const Settings& settings, Report& report) { PushRules(settings, report).check(); }

}  // namespace eddy::host
