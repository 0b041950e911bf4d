// SPDX-License-Identifier: Apache-2.0
// Threads that handlers run on, so that the listener's own thread never waits for one.
#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace eddy::host {

// Thread-safe. What has been posted is run before the destructor returns.
class Lane {
 public:
  // `name`: of the threads, at most 15 characters.
  Lane(const std::string& name, int threads);
  ~Lane();

  template <typename Task>
  void post(Task task) {
    boost::asio::post(io_, std::move(task));
  }

 private:
  void run(const std::string& name);

  boost::asio::io_context io_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> open_{io_.get_executor()};
  std::vector<std::thread> threads_;
};

}  // namespace eddy::host
