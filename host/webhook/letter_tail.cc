// SPDX-License-Identifier: Apache-2.0
#include "webhook/letter_tail.h"

#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>

#include "base/file_descriptor.h"
#include "base/log.h"
#include "base/write_all.h"

namespace eddy::host::webhook {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kReadAtOnce = 1000;
constexpr std::size_t kMostGroups = 100'000;  // of a queue; then it begins anew, and old causes are told again

std::map<std::string, std::vector<std::string>> ids_of(const Waiting& waiting) {
  std::map<std::string, std::vector<std::string>> ids;
  for (const auto& [webhook, notices] : waiting) {
    for (const Notice& notice : notices) ids[webhook].push_back(notice.id);
  }
  return ids;
}

}  // namespace

LetterTail::LetterTail(Transport& transport, std::string file, std::int64_t now_us)
    : transport_(transport), file_(std::move(file)), since_us_(now_us), changed_(true) {
  load();
}

void LetterTail::load() {
  std::ifstream in(file_);
  if (!in) return;
  const Json json = Json::parse(in, nullptr, false);
  try {
    const auto since_us = json.at("since_us").get<std::int64_t>();
    for (const auto& [name, one] : json.at("queues").items()) {
      Queue& queue = queues_[name];
      for (const auto& [partition, next] : one.at("next").items()) {
        queue.next[static_cast<std::uint32_t>(std::stoul(partition))] = next.get<std::int64_t>();
      }
      for (const auto& group : one.at("groups")) queue.groups.insert(group.get<std::string>());
    }
    if (json.contains("waiting")) waiting_ = waiting_from_json(json["waiting"]);  // older files have none
    since_us_ = std::min(since_us_, since_us);
  } catch (const std::exception& error) {  // of nlohmann_json and stoul
    log(LogLevel::kWarn, "webhooks",
        file_ + ": cannot be read, nobody is told of causes from before now: " + error.what());
    queues_.clear();
  }
}

void LetterTail::remember(Queue& queue, const std::string& fingerprint) {
  if (queue.groups.size() >= kMostGroups) queue.groups.clear();
  queue.groups.insert(fingerprint);
}

void LetterTail::take(Queue& queue, const DeadLetter& letter, const Visitor& visit) {
  const std::string fingerprint(letter.fingerprint);
  const bool known = queue.groups.contains(fingerprint);
  if (!known) remember(queue, fingerprint);
  if (letter.failed_at_us >= since_us_) visit(letter, !known);
}

Result<void> LetterTail::read(const std::string& name, const Visitor& visit) {
  EDDY_ASSIGN(const auto positions, transport_.positions("", name));
  EDDY_ASSIGN(const auto browser, transport_.open_browser(name));
  Queue& queue = queues_[name];
  for (const Position& position : positions) {
    std::int64_t& next = queue.next.try_emplace(position.partition, position.begin).first->second;
    if (next > position.end) next = position.begin;  // the queue was made anew
    while (next < position.end) {
      EDDY_ASSIGN(const auto records, browser->read(position.partition, next, kReadAtOnce));
      if (records.empty()) break;
      for (const Record& record : records) {
        if (const auto letter = reader_.read(record)) take(queue, **letter, visit);
        next = record.offset + 1;
      }
      changed_ = true;
    }
  }
  return {};
}

Result<void> LetterTail::save(Waiting waiting) {
  changed_ = changed_ || ids_of(waiting) != ids_of(waiting_);
  waiting_ = std::move(waiting);
  if (!changed_) return {};
  Json json{{"since_us", since_us_}, {"queues", Json::object()}, {"waiting", waiting_to_json(waiting_)}};
  for (const auto& [name, queue] : queues_) {
    Json next = Json::object();
    for (const auto& [partition, offset] : queue.next) next[std::to_string(partition)] = offset;
    json["queues"][name] = {{"next", std::move(next)}, {"groups", queue.groups}};
  }
  const std::string fresh = file_ + ".new";
  // What failed is nobody else's business.
  const FileDescriptor out(::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  const bool written = out.valid() && write_all(out.get(), json.dump(-1, ' ', false, Json::error_handler_t::replace));
  if (!written || std::rename(fresh.c_str(), file_.c_str()) != 0) {
    return Error{Code::kUnavailable, file_ + ": cannot be written: " + std::strerror(errno)};
  }
  changed_ = false;
  return {};
}

}  // namespace eddy::host::webhook
