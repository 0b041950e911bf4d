// SPDX-License-Identifier: Apache-2.0
#include "base/log.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <atomic>
#include <memory>
#include <mutex>

#include "base/clock.h"
#include "base/encoding.h"
#include "base/log_limiter.h"

namespace eddy::host {
namespace {

struct LevelName {
  std::string_view name;
  spdlog::level::level_enum level;
};
constexpr LevelName kLevels[] = {{"debug", spdlog::level::debug},
                                 {"info", spdlog::level::info},
                                 {"warn", spdlog::level::warn},
                                 {"error", spdlog::level::err}};

// Lives until the process ends: threads may still speak while static objects are destroyed.
struct Log {
  spdlog::logger logger{"eddy", std::make_shared<spdlog::sinks::stderr_sink_mt>()};
  std::atomic<bool> json{false};
  std::mutex mutex;
  LogLimiter limiter;  // under mutex

  Log() { logger.set_pattern("%v"); }
};

Log& the_log() {
  static Log* log = new Log;
  return *log;
}

const LevelName& level_of(LogLevel level) {
  const auto index = static_cast<std::size_t>(level);
  return index < std::size(kLevels) ? kLevels[index] : kLevels[1];
}

void append_member(std::string& line, std::string_view name, std::string_view value) {
  line.append(line.empty() ? "{\"" : ",\"").append(name).append("\":");
  append_json_string(line, value);
}

std::string json_line(std::string_view level, std::string_view where, std::string_view text) {
  std::string line;
  append_member(line, "time", to_rfc3339(SystemClock().now_us()));
  append_member(line, "level", level);
  append_member(line, "message", text);
  if (!where.empty()) append_member(line, "function", where);
  return line + "}";
}

// One line stays one line, and what a record holds cannot steer a terminal.
void append_printable(std::string& line, std::string_view text) {
  for (const char c : text) {
    if (c == '\n') {
      line.append("\\n");
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
      line.push_back(' ');
    } else {
      line.push_back(c);
    }
  }
}

std::string text_line(std::string_view level, std::string_view where, std::string_view text) {
  std::string line = to_rfc3339(SystemClock().now_us());
  line.append(" ").append(level).append(" ");
  if (!where.empty()) {
    append_printable(line, where);
    line.append(": ");
  }
  append_printable(line, text);
  return line;
}

}  // namespace

void configure_log(const LogOptions& options) {
  Log& log = the_log();
  log.json = options.json;
  for (const LevelName& known : kLevels) {
    if (known.name == options.level) log.logger.set_level(known.level);
  }
}

LogOptions log_options() {
  const Log& log = the_log();
  LogOptions options{.level = {}, .json = log.json};
  for (const LevelName& known : kLevels) {
    if (known.level == log.logger.level()) options.level = known.name;
  }
  return options;
}

void log(LogLevel level, std::string_view where, std::string_view text) {
  Log& log = the_log();
  const LevelName& named = level_of(level);
  if (!log.logger.should_log(named.level)) return;
  const std::string line = log.json ? json_line(named.name, where, text) : text_line(named.name, where, text);
  log.logger.log(named.level, spdlog::string_view_t(line.data(), line.size()));
}

void log_limited(LogLevel level, std::string_view where, std::string_view key, std::string_view text,
                 std::uint32_t burst) {
  Log& state = the_log();
  if (!state.logger.should_log(level_of(level).level)) return;
  std::optional<std::uint64_t> left_out;
  {
    const std::lock_guard lock(state.mutex);
    left_out = state.limiter.pass(key, burst, std::chrono::steady_clock::now());
  }
  if (!left_out) return;
  if (*left_out == 0) return log(level, where, text);
  log(level, where, std::string(text) + " (" + std::to_string(*left_out) + " more like it were left out)");
}

}  // namespace eddy::host
