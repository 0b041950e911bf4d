// SPDX-License-Identifier: Apache-2.0
#include "runtime/requests.h"

namespace eddy::host {

namespace {

constexpr std::chrono::seconds kPatience{5};

Error ending() { return {Code::kUnavailable, "the host is ending"}; }

}  // namespace

Result<void> Requests::ask(Request::Kind kind, std::string plugin) {
  std::future<Result<void>> answer;
  {
    const std::lock_guard lock(mutex_);
    if (closed_) return ending();
    waiting_.push_back({kind, std::move(plugin), {}});
    answer = waiting_.back().answer.get_future();
  }
  wake_();
  if (answer.wait_for(kPatience) != std::future_status::ready) {
    return Error{Code::kUnavailable, "the host is busy and has not come to it yet; see `eddy plugin ls`"};
  }
  return answer.get();
}

std::optional<Request> Requests::next() {
  const std::lock_guard lock(mutex_);
  if (waiting_.empty()) return std::nullopt;
  Request request = std::move(waiting_.front());
  waiting_.pop_front();
  return request;
}

void Requests::close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  for (Request& request : waiting_) request.answer.set_value(ending());
  waiting_.clear();
}

}  // namespace eddy::host
