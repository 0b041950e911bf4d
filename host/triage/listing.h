// SPDX-License-Identifier: Apache-2.0
// What the index lists: queues, groups, letters.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <string>
#include <vector>

#include "dead_letter/letter_state.h"
#include "triage/letter_place.h"

namespace eddy::host {

using CountsByState = std::array<std::uint64_t, 5>;  // by LetterState

// How many to list, and what comes before: `next` of the page before, empty for the first.
struct Page {
  std::size_t limit = 100;
  std::string after{};
};

struct QueueSummary {
  std::string queue;
  CountsByState letters{};
  std::uint64_t groups = 0;
  std::int64_t first_us = 0, last_us = 0;  // 0: it holds none
  std::int64_t oldest_open_us = 0;         // 0: none is open
};

struct PluginBuild {
  std::string plugin, version, build_id;
  auto operator<=>(const PluginBuild&) const = default;
};

// Letters of one cause in one queue. A letter that failed again counts once, under its newest cause.
struct LetterGroup {
  static constexpr std::size_t kSlots = 48;
  static constexpr std::int64_t kSlotUs = 30LL * 60 * 1'000'000;

  std::string queue, fingerprint, error_type, error_message, source;
  std::vector<std::string> functions;
  std::vector<PluginBuild> builds;
  std::uint64_t count = 0;                    // letters that meet the filter, its states included
  CountsByState letters{};                    // of those that meet the rest of it, all states
  std::int64_t first_us = 0, last_us = 0;     // over all of these
  std::uint64_t refailures = 0;               // failures after the first
  std::uint64_t recoveries = 0;               // recovered letters of which the time to recovery is known
  std::int64_t recovery_us = 0;               // and the sum of it
  double per_minute = 0;                      // of the last half hour and the current one
  std::array<std::uint32_t, kSlots> slots{};  // letters by half hours of their failure, the current one last
  std::vector<std::string> samples;           // ids of a few letters, oldest first; whole ones where there are any
};

struct GroupPage {
  std::vector<LetterGroup> groups;  // most letters first
  std::uint64_t total = 0;          // groups that meet the filter, on all pages
  std::string next;                 // empty: this is the last page
};

// A letter as the index knows it.
struct LetterRow {
  LetterPlace place;
  std::string queue;  // whose letter it is; place.queue may be its parked one
  LetterState state = LetterState::kOpen;
  std::string fingerprint, error_type, error_message, source, function, plugin, plugin_version, plugin_build_id;
  std::string origin_stream, route;
  std::uint32_t origin_partition = 0;
  std::int64_t origin_offset = -1;
  std::int64_t failed_us = 0, first_failed_us = 0;
  std::uint32_t attempts = 1;
  std::uint64_t size = 0;  // of the record: key, value and headers
  bool truncated = false;  // it points at where the original is
  std::string digest, edited_from;
};

struct LetterPage {
  std::vector<LetterRow> letters;  // newest first
  std::string next;                // empty: this is the last page
};

}  // namespace eddy::host
