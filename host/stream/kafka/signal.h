// SPDX-License-Identifier: Apache-2.0
// A wake-up that can be waited for together with others.
#pragma once

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace eddy::host::kafka {

// raise() is thread-safe.
class Signal {
 public:
  Signal() : file_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {}
  ~Signal() { ::close(file_); }
  Signal(const Signal&) = delete;
  Signal& operator=(const Signal&) = delete;

  int file() const { return file_; }
  void raise() const {
    const std::uint64_t one = 1;
    [[maybe_unused]] const ssize_t written = ::write(file_, &one, sizeof(one));  // full: it is raised already
  }

  // Until one of the two is raised, at most `time`; both are lowered.
  static void wait(const Signal& first, const Signal& second, std::chrono::milliseconds time) {
    pollfd files[] = {{first.file_, POLLIN, 0}, {second.file_, POLLIN, 0}};
    if (::poll(files, 2, static_cast<int>(time.count())) <= 0) return;
    std::uint64_t count = 0;
    for (const pollfd& file : files) {
      if ((file.revents & POLLIN) != 0) [[maybe_unused]]
        const ssize_t got = ::read(file.fd, &count, sizeof(count));
    }
  }

 private:
  const int file_;
};

}  // namespace eddy::host::kafka
