// SPDX-License-Identifier: Apache-2.0
#include "plugin/watcher.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>

#include "base/file_descriptor.h"
#include "plugin/directory_view.h"

namespace eddy::host {

namespace {

using Clock = std::chrono::steady_clock;

// What ends a change; IN_CREATE for links, IN_ATTRIB for owner and mode.
constexpr std::uint32_t kEvents =
    IN_CLOSE_WRITE | IN_MOVED_TO | IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF;

int milliseconds_until(Clock::time_point when, Clock::time_point now) {
  if (when <= now) return 0;
  // Rounded up: waking a moment early would only mean to poll again.
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(when - now);
  return static_cast<int>(std::min<std::int64_t>(left.count(), 3'600'000));
}

}  // namespace

struct Watcher::State {
  std::string directory;
  WatcherOptions options;
  DirectoryView view;
  FileDescriptor events;
  FileDescriptor wake;
  int watch = -1;
  Clock::time_point last_rescan = Clock::now();

  State(const std::string& path, WatcherOptions given) : directory(path), options(given), view(path, given.debounce) {}

  // Also after the directory was moved away or replaced: the watch follows the inode, the plugins the path.
  void add_watch() { watch = ::inotify_add_watch(events.get(), directory.c_str(), kEvents | IN_ONLYDIR); }

  Result<std::vector<FileStamp>> list() {
    const Clock::time_point now = Clock::now();
    if (now - last_rescan >= options.rescan || watch < 0) {
      add_watch();
      last_rescan = now;
    }
    return view.list(now);
  }

  void take(const inotify_event& event, bool& look) {
    if ((event.mask & (IN_Q_OVERFLOW | IN_DELETE_SELF | IN_MOVE_SELF | IN_IGNORED)) != 0) {
      // Events were lost, or the directory is another one: only a look can tell.
      if ((event.mask & IN_Q_OVERFLOW) == 0) watch = -1;
      look = true;
    } else if (event.len != 0 && !DirectoryView::plugin_of(event.name).empty()) {
      view.touch(event.name, Clock::now());
    }
  }

  // True when the directory is to be looked at, whatever has settled.
  bool drain_events() {
    alignas(inotify_event) char buffer[16384];
    bool look = false;
    for (;;) {
      const ssize_t size = ::read(events.get(), buffer, sizeof buffer);
      if (size <= 0) return look;
      for (ssize_t at = 0; at < size;) {
        const auto* const event = reinterpret_cast<const inotify_event*>(buffer + at);
        take(*event, look);
        at += static_cast<ssize_t>(sizeof(inotify_event) + event->len);
      }
    }
  }

  bool drain_wake() {
    std::uint64_t count = 0;
    return ::read(wake.get(), &count, sizeof count) > 0;
  }

  // True when the directory should be listed now.
  bool poll_once(Clock::time_point deadline) {
    const Clock::time_point now = Clock::now();
    Clock::time_point until = std::min(deadline, last_rescan + options.rescan);
    if (const auto settled = view.next_settled()) until = std::min(until, *settled);
    pollfd fds[2] = {{.fd = events.get(), .events = POLLIN, .revents = 0},
                     {.fd = wake.get(), .events = POLLIN, .revents = 0}};
    ::poll(fds, 2, milliseconds_until(until, now));
    const bool look = drain_events();
    if (drain_wake() || look) return true;
    const Clock::time_point after = Clock::now();
    const auto settled = view.next_settled();
    return after >= deadline || after >= last_rescan + options.rescan || (settled && after >= *settled);
  }
};

Watcher::Watcher() = default;
Watcher::~Watcher() = default;

Result<std::unique_ptr<Watcher>> Watcher::open(const std::string& directory, WatcherOptions options) {
  std::unique_ptr<Watcher> watcher(new Watcher);
  watcher->state_ = std::make_unique<State>(directory, options);
  State& state = *watcher->state_;
  state.events = FileDescriptor(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
  state.wake = FileDescriptor(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
  const auto failed = [&](const char* what) {
    return Error{Code::kUnavailable, std::string(what) + ": " + std::generic_category().message(errno)};
  };
  if (!state.wake.valid()) return failed("eventfd");
  if (!state.events.valid()) return failed("inotify (see fs.inotify.max_user_instances)");
  state.add_watch();
  if (state.watch < 0) {
    return Error{Code::kUnavailable, "plugin directory " + directory + ": expected to watch it, found " +
                                         std::generic_category().message(errno) + "; create it, or see plugins.dir"};
  }
  return watcher;
}

Result<std::vector<FileStamp>> Watcher::wait(std::chrono::milliseconds at_most) {
  const Clock::time_point deadline = Clock::now() + at_most;
  while (!state_->poll_once(deadline)) {
  }
  return state_->list();
}

Result<std::vector<FileStamp>> Watcher::list() {
  state_->drain_events();
  return state_->list();
}

void Watcher::wake() {
  const std::uint64_t one = 1;
  // Cannot fail but by overflow, and then it is set already.
  (void)!::write(state_->wake.get(), &one, sizeof one);
}

}  // namespace eddy::host
