// SPDX-License-Identifier: Apache-2.0
// Collects what is wrong with a file.
#pragma once

#include <yaml-cpp/yaml.h>

#include <string>
#include <utility>
#include <vector>

#include "settings/load.h"

namespace eddy::host {

class Report {
 public:
  explicit Report(std::string file) : file_(std::move(file)) {}

  void add(const YAML::Mark& mark, std::string text) {
    findings_.push_back({file_, mark.line + 1, mark.column + 1, std::move(text)});
  }
  void add_whole(std::string text) { findings_.push_back({file_, 0, 0, std::move(text)}); }
  std::size_t size() const { return findings_.size(); }
  const std::string& file() const { return file_; }

  // In file order.
  std::vector<Finding> take();

 private:
  std::string file_;
  std::vector<Finding> findings_;
};

}  // namespace eddy::host
