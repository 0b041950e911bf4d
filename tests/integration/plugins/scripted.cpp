// SPDX-License-Identifier: Apache-2.0
// Fails as a test says, and writes down each call. Configuration: `journal`, a file that gets a line "MICROSECONDS
// VALUE" for each call; `down`, a file whose presence makes every call fail: by eddy::DependencyDown when it holds a
// 'd'.
#include <fcntl.h>
#include <unistd.h>

#include <eddy/eddy.hpp>
#include <fstream>
#include <stdexcept>
#include <string>

EDDY_PLUGIN_INFO("scripted", "1.0.0")

class Attempt {
 public:
  explicit Attempt(const eddy::Config& config)
      : down_(config.get<std::string>("down", "")),
        journal_(open(config.get<std::string>("journal").c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644)) {
    if (journal_ < 0) throw std::runtime_error("the journal cannot be opened");
  }
  Attempt(const Attempt&) = delete;
  Attempt& operator=(const Attempt&) = delete;
  ~Attempt() { close(journal_); }

  eddy::Record operator()(const eddy::Record& record) {
    const std::string line = std::to_string(eddy::now().microseconds) + " " + std::string(record.value()) + "\n";
    if (write(journal_, line.data(), line.size()) < 0) throw std::runtime_error("the journal cannot be written");
    if (std::ifstream down(down_); !down_.empty() && down) {
      if (down.get() == 'd') throw eddy::DependencyDown("the dependency is down");
      throw std::runtime_error("the dependency is down");
    }
    if (record.value().starts_with("fail")) throw std::runtime_error("fails as it is told");
    return record;
  }

 private:
  std::string down_;
  int journal_;
};

EDDY_PLUGIN(app) {
  auto out = app.stream("scripted_out");
  auto dlq = app.dead_letter_queue("ScriptedDLQ");
  app.stream("scripted_in").add_transform<Attempt>(out, {.dead_letter_queue = dlq});
}
