// SPDX-License-Identifier: Apache-2.0
#include "webhook/notice.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/encoding.h"
#include "base/hash.h"

namespace eddy::host::webhook {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kLongestMessage = 500;
constexpr std::size_t kIdDigits = 32;

std::string id_of(std::string_view event, std::string_view queue, std::string_view what) {
  return to_hex(sha256(fmt::format("{}\n{}\n{}", event, queue, what))).substr(0, kIdDigits);
}

}  // namespace

Notice new_group(const std::string& queue, const DeadLetter& letter, const Mask& mask) {
  Notice notice;
  notice.event = "new_group";
  notice.queue = queue;
  notice.at_us = letter.failed_at_us;
  notice.fingerprint = letter.fingerprint;
  notice.error_type = letter.error_type;
  notice.error_message = mask.text_of(letter, letter.error_message).substr(0, kLongestMessage);
  notice.function = letter.function;
  notice.plugin = letter.plugin;
  notice.plugin_version = letter.plugin_version;
  notice.letter = letter.id;
  notice.id = id_of(notice.event, queue, letter.fingerprint);
  return notice;
}

Notice high_rate(const std::string& queue, std::int64_t window_start_us, std::int64_t at_us, double rate,
                 double usual) {
  Notice notice;
  notice.event = "rate";
  notice.queue = queue;
  notice.at_us = at_us;
  notice.rate = rate;
  notice.usual = usual;
  notice.id = id_of(notice.event, queue, std::to_string(window_start_us));
  return notice;
}

std::string to_json(const Notice& notice, std::uint64_t left_out) {
  Json json{{"id", notice.id}, {"event", notice.event}, {"queue", notice.queue}, {"at", to_rfc3339(notice.at_us)}};
  if (notice.event == "rate") {
    json["rate"] = {{"per_minute", notice.rate}, {"usual_per_minute", notice.usual}};
  } else {
    json["group"] = {{"fingerprint", notice.fingerprint},
                     {"error_type", notice.error_type},
                     {"error_message", notice.error_message},
                     {"function", notice.function},
                     {"plugin", notice.plugin},
                     {"plugin_version", notice.plugin_version},
                     {"letter", notice.letter}};
  }
  if (left_out > 0) json["left_out"] = left_out;
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace eddy::host::webhook
