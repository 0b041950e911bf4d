// SPDX-License-Identifier: Apache-2.0
#include "cli/try_text.h"

#include <algorithm>

#include "cli/command.h"

namespace eddy::host {

namespace {

constexpr std::size_t kMessage = 100;

std::string number(std::uint64_t value) { return std::to_string(value); }

std::vector<const TryGroup*> largest_first(const TryReport& report) {
  std::vector<const TryGroup*> groups;
  for (const auto& [fingerprint, group] : report.groups) groups.push_back(&group);
  std::ranges::stable_sort(groups, std::ranges::greater(), &TryGroup::letters);
  return groups;
}

std::string cause_text(const TryCause& cause, const std::string& where) {
  return "  " + number(cause.letters) + " × " + cause.error_type + ": " + cause.error_message.substr(0, kMessage) +
         " (group " + cause.fingerprint + ", " + where + " " + cause.sample_id + ")\n";
}

// What the columns have no room for.
std::string details(const TryGroup& group) {
  std::string text;
  for (const auto& [fingerprint, cause] : group.other_causes) text += cause_text(cause, "letter");
  for (const auto& [reason, count] : group.not_tried) text += "  " + number(count) + " not tried: " + reason + "\n";
  if (group.output_differs != 0) {
    text += "  of " + number(group.compared) + " that the running build passes too, " + number(group.output_differs) +
            " come out differently\n";
  }
  return text.empty() ? text : "group " + (group.fingerprint.empty() ? "none" : group.fingerprint) + "\n" + text;
}

std::string good_text(const TryGoodRecords& good) {
  std::string text = good.function + ": ";
  if (!good.not_compared.empty()) return text + "good records not compared: " + good.not_compared + "\n";
  text += "of " + number(good.records) + " good records " + number(good.same) + " come out the same, " +
          number(good.differ) + " differ, " + number(good.failed) + " fail\n";
  for (const TryCause& cause : good.causes) text += cause_text(cause, "record");
  for (const std::string& member : good.unstable) text += "  not compared: " + member + "\n";
  return text;
}

std::string diffs_text(const std::vector<TryDiff>& diffs, const std::string& what) {
  std::string text;
  for (const TryDiff& diff : diffs) {
    text += "\n--- " + what + " " + diff.record + ", running build\n+++ candidate\n" + diff.text;
  }
  return text;
}

}  // namespace

std::string report_text(const TryReport& report) {
  Table table(
      {"group", "function", "type", "letters", "delivered", "filtered", "same cause", "other cause", "not tried"});
  std::string below, diffs;
  for (const TryGroup* group : largest_first(report)) {
    table.row({group->fingerprint, group->function, group->error_type, number(group->letters), number(group->delivered),
               number(group->filtered), number(group->same_cause), number(group->other_cause()),
               number(group->untried())});
    below += details(*group);
    diffs += diffs_text(group->diffs, "letter");
  }
  for (const TryGoodRecords& good : report.good_records) {
    below += good_text(good);
    diffs += diffs_text(good.diffs, "record");
  }
  return table.text() + (below.empty() ? "" : "\n" + below) + diffs;
}

}  // namespace eddy::host
