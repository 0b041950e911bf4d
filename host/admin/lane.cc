// SPDX-License-Identifier: Apache-2.0
#include "admin/lane.h"

#include <pthread.h>

#include <exception>

#include "base/log.h"
#include "http/thread_signals.h"

namespace eddy::host {

Lane::Lane(const std::string& name, int threads) : io_(threads) {
  for (int i = 0; i < threads; ++i) threads_.emplace_back([this, name] { run(name); });
}

Lane::~Lane() {
  open_.reset();
  for (std::thread& thread : threads_) thread.join();
}

void Lane::run(const std::string& name) {
  block_process_signals();
  pthread_setname_np(pthread_self(), name.c_str());
  while (true) {
    try {
      io_.run();
      return;
    } catch (const std::exception& error) {
      log_limited(LogLevel::kError, "admin", name, std::string("an answer could not be made: ") + error.what());
    }
  }
}

}  // namespace eddy::host
