// SPDX-License-Identifier: Apache-2.0
// eddy top: what a running host does, again and again.
#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <optional>
#include <thread>

#include "cli/admin_client.h"
#include "cli/command.h"
#include "cli/commands.h"

namespace eddy::host {

namespace {

using Instant = std::chrono::steady_clock::time_point;

struct TopOptions {
  CommonOptions common;
  AccessOptions access;
  double interval = 2;
  std::uint64_t screens = 0;  // 0: until it is interrupted
};

// What the host counts, and when it was asked.
struct Look {
  Json overview;
  Instant at;
};

std::string shown(const Json& value) { return value.is_string() ? value.get<std::string>() : value.dump(); }

std::uint64_t counted(const Json& overview, const std::string& function, const char* what) {
  for (const Json& one : overview["functions"]) {
    if (one["function"] == function) return one["since_start"][what];
  }
  return 0;
}

// Per second since the last look; over the last minute, as the host says, when there was none.
std::string rate_of(const Json& function, const char* what, const Look& now, const std::optional<Look>& before) {
  if (!before) return fmt::format("{:.1f}", function["per_second"][what].get<double>());
  const std::string name = shown(function["function"]);
  const std::uint64_t then = counted(before->overview, name, what);
  const std::uint64_t here = function["since_start"][what];
  const double seconds = std::chrono::duration<double>(now.at - before->at).count();
  return fmt::format("{:.1f}", static_cast<double>(here - std::min(here, then)) / seconds);  // it may have started anew
}

std::string functions_of(const Look& now, const std::optional<Look>& before) {
  Table table({"function", "delivered/s", "filtered/s", "dead/s", "lag", "dead letters", "breaker"});
  for (const Json& function : now.overview["functions"]) {
    table.row({shown(function["function"]), rate_of(function, "delivered", now, before),
               rate_of(function, "filtered", now, before), rate_of(function, "dead_lettered", now, before),
               shown(function["lag"]), shown(function["since_start"]["dead_lettered"]),
               function["runs"] == true ? shown(function["breaker"]) : "does not run"});
  }
  return table.text();
}

std::string queues_of(const Json& overview) {
  Table table({"queue", "open", "oldest, seconds"});
  for (const Json& queue : overview["queues"]) {
    table.row(
        {shown(queue["queue"]), shown(queue["letters"]), fmt::format("{:.0f}", queue["oldest_seconds"].get<double>())});
  }
  return table.text();
}

std::string screen_of(const Look& now, const std::optional<Look>& before) {
  const Json& overview = now.overview;
  std::string text =
      fmt::format("Eddy {}, since {}: {}\n", shown(overview["version"]), shown(overview["started_at"]).substr(0, 19),
                  overview["ready"] == true ? "ready" : "not ready");
  for (const char* kind : {"troubles", "warnings"}) {
    for (const Json& line : overview[kind]) text += "  " + shown(line) + "\n";
  }
  return text + "\n" + functions_of(now, before) + "\n" + queues_of(overview);
}

Result<int> watch(const TopOptions& options) {
  constexpr std::string_view kClear = "\x1b[H\x1b[2J";
  const bool terminal = ::isatty(STDOUT_FILENO) == 1;
  EDDY_ASSIGN(const HostAccess access, access_of(options.access, options.common));
  std::optional<Look> before;
  for (std::uint64_t screen = 1;; ++screen) {
    EDDY_ASSIGN(Json overview, ask_json(access, "GET", "/api/v1/overview"));
    Look now{std::move(overview), std::chrono::steady_clock::now()};
    if (options.common.json) {
      print_json(now.overview);
    } else {
      print(std::string(terminal ? kClear : "") + screen_of(now, before));
    }
    if (screen == options.screens) return kExitDone;
    before = std::move(now);
    std::this_thread::sleep_for(std::chrono::duration<double>(options.interval));
  }
}

}  // namespace

void add_top(CommandLine& line) {
  auto options = std::make_shared<TopOptions>();
  CLI::App* top = line.app.add_subcommand("top", "What a running host does: rates, lags, breakers, queues");
  top->add_option("--interval", options->interval, "Seconds between two looks (default 2)")
      ->check(CLI::Range(0.1, 3600.0));
  top->add_option("-n", options->screens, "Looks, then it ends (default: until it is interrupted)");
  add_common(*top, options->common);
  add_access(*top, options->access);
  top->callback([&line, options] {
    const Result<int> done = watch(*options);
    line.exit_code = done ? *done : report(done.error());
  });
}

}  // namespace eddy::host
