// SPDX-License-Identifier: Apache-2.0
#include "runtime/config_watch.h"

#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/stat.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>

#include "base/hash.h"

namespace eddy::host {

namespace {

// What ends a change. Not each write: a log that is kept open may lie in the same folder.
constexpr std::uint32_t kEvents = IN_CLOSE_WRITE | IN_MOVED_TO | IN_CREATE | IN_DELETE | IN_MOVED_FROM;

std::int64_t nanoseconds(const struct timespec& time) {
  return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

std::string folder_of(const std::string& path) {
  const std::string folder = std::filesystem::path(path).parent_path().string();
  return folder.empty() ? "." : folder;
}

void drain(const FileDescriptor& events) {
  char buffer[4096];
  while (::read(events.get(), buffer, sizeof buffer) > 0) {
  }
}

}  // namespace

Result<std::unique_ptr<ConfigWatch>> ConfigWatch::start(const std::string& path, std::function<void()> on_change,
                                                        ConfigWatchOptions options) {
  std::unique_ptr<ConfigWatch> watch(new ConfigWatch(path, std::move(on_change), options));
  watch->stop_ = FileDescriptor(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
  if (!watch->stop_.valid()) {
    return Error{Code::kUnavailable, "eventfd: " + std::generic_category().message(errno)};
  }
  // Without events the file is looked at now and then all the same.
  watch->events_ = FileDescriptor(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
  if (watch->events_.valid()) ::inotify_add_watch(watch->events_.get(), folder_of(path).c_str(), kEvents);
  watch->seen_ = watch->stamp();
  watch->digest_ = watch->digest();
  watch->thread_ = std::thread([running = watch.get()] { running->loop(); });
  return watch;
}

ConfigWatch::~ConfigWatch() {
  if (!thread_.joinable()) return;
  const std::uint64_t one = 1;
  // Cannot fail but by overflow, and then it is set already.
  (void)!::write(stop_.get(), &one, sizeof one);
  thread_.join();
}

void ConfigWatch::loop() {
  pthread_setname_np(pthread_self(), "eddy-config");
  for (;;) {
    wait();
    std::uint64_t stopped = 0;
    if (::read(stop_.get(), &stopped, sizeof stopped) > 0) return;
    drain(events_);
    look();
  }
}

void ConfigWatch::wait() const {
  pollfd fds[2] = {{.fd = stop_.get(), .events = POLLIN, .revents = 0},
                   {.fd = events_.get(), .events = POLLIN, .revents = 0}};
  ::poll(fds, 2, static_cast<int>((unsettled_ ? options_.debounce : options_.rescan).count()));
}

void ConfigWatch::look() {
  const Instant now = std::chrono::steady_clock::now();
  const Stamp current = stamp();
  if (current != seen_) {
    seen_ = current;
    changed_ = now;
    unsettled_ = true;
  }
  if (!unsettled_ || now - changed_ < options_.debounce) return;
  unsettled_ = false;
  const std::string contents = digest();
  if (contents.empty() || contents == digest_) return;
  digest_ = contents;
  on_change_();
}

ConfigWatch::Stamp ConfigWatch::stamp() const {
  struct stat status;
  if (::stat(path_.c_str(), &status) != 0) return {};
  return {.device = status.st_dev,
          .inode = status.st_ino,
          .size = static_cast<std::uint64_t>(status.st_size),
          .mtime_ns = nanoseconds(status.st_mtim),
          .ctime_ns = nanoseconds(status.st_ctim)};
}

std::string ConfigWatch::digest() const {
  std::ifstream file(path_, std::ios::binary);
  if (!file) return {};
  const std::string contents{std::istreambuf_iterator<char>(file), {}};
  return to_hex(sha256(contents));
}

}  // namespace eddy::host
