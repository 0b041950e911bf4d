// SPDX-License-Identifier: Apache-2.0
#include "sandbox/reaper.h"

#include <pthread.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>

#include "sandbox/system_error.h"

namespace eddy::host {
namespace {

Result<void> add(int epoll, int fd, std::uint64_t id, std::uint32_t events) {
  epoll_event event{};
  event.events = events;
  event.data.u64 = id;
  if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) != 0) return cannot("sandbox", "watch a process");
  return {};
}

// Signals of the process are for other threads.
std::thread start_without_signals(const std::function<void()>& body) {
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  std::thread thread(body);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return thread;
}

}  // namespace

Result<std::shared_ptr<Reaper>> Reaper::start() {
  std::shared_ptr<Reaper> reaper(new Reaper());
  reaper->epoll_ = FileDescriptor(epoll_create1(EPOLL_CLOEXEC));
  reaper->wake_ = FileDescriptor(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!reaper->epoll_.valid() || !reaper->wake_.valid()) return cannot("sandbox", "watch processes");
  EDDY_TRY(add(reaper->epoll_.get(), reaper->wake_.get(), 0, EPOLLIN));
  reaper->thread_ = start_without_signals([self = reaper.get()] { self->loop(); });
  return reaper;
}

Reaper::~Reaper() { stop(); }

void Reaper::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake();
  if (thread_.joinable()) thread_.join();
}

Result<std::uint64_t> Reaper::watch(int pidfd, std::function<void()> on_death) {
  const std::lock_guard lock(mutex_);
  const std::uint64_t id = ++last_id_;
  watched_[id] = std::move(on_death);
  auto added = add(epoll_.get(), pidfd, id, EPOLLIN | EPOLLONESHOT);
  if (!added) {
    watched_.erase(id);
    return added.take_error();
  }
  return id;
}

void Reaper::forget(std::uint64_t id) {
  std::unique_lock lock(mutex_);
  watched_.erase(id);
  if (std::this_thread::get_id() == thread_.get_id()) return;
  changed_.wait(lock, [&] { return telling_ != id; });
}

void Reaper::run(const std::function<void()>& task) {
  if (std::this_thread::get_id() == thread_.get_id()) return task();
  std::unique_lock lock(mutex_);
  if (stopping_) return;
  tasks_.push_back(&task);
  wake();
  changed_.wait(lock, [&] { return std::find(tasks_.begin(), tasks_.end(), &task) == tasks_.end(); });
}

void Reaper::wake() const {
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = write(wake_.get(), &one, sizeof one);
}

void Reaper::loop() {
  std::array<epoll_event, 16> events{};
  while (true) {
    const int count = epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), -1);
    for (int i = 0; i < count; ++i) {
      if (events[static_cast<std::size_t>(i)].data.u64 != 0) tell(events[static_cast<std::size_t>(i)].data.u64);
    }
    run_tasks();
    const std::lock_guard lock(mutex_);
    if (stopping_ && tasks_.empty()) return;
  }
}

void Reaper::tell(std::uint64_t id) {
  std::function<void()> on_death;
  {
    const std::lock_guard lock(mutex_);
    const auto found = watched_.find(id);
    if (found == watched_.end() || stopping_) return;
    on_death = std::move(found->second);
    watched_.erase(found);
    telling_ = id;
  }
  if (on_death) on_death();
  on_death = nullptr;
  const std::lock_guard lock(mutex_);
  telling_ = 0;
  changed_.notify_all();
}

void Reaper::run_tasks() {
  std::uint64_t count = 0;
  [[maybe_unused]] const ssize_t drained = read(wake_.get(), &count, sizeof count);
  while (true) {
    const std::function<void()>* task = nullptr;
    {
      const std::lock_guard lock(mutex_);
      if (tasks_.empty()) return;
      task = tasks_.front();
    }
    (*task)();
    const std::lock_guard lock(mutex_);
    tasks_.erase(tasks_.begin());
    changed_.notify_all();
  }
}

}  // namespace eddy::host
