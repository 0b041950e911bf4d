// SPDX-License-Identifier: Apache-2.0
// A host small enough to read: it takes declarations, decodes with the real decoder, and keeps what a call gave.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "eddy/abi.h"
#include "model/decoder.h"
#include "model/model.h"

namespace eddy::test {

using Text = std::optional<std::string>;  // nullopt: null

struct HeaderText {
  std::string name;
  Text value;
  bool operator==(const HeaderText&) const = default;
};

// A declaration with its own copies of all texts.
struct Declared {
  std::string what;  // "stream", "queue", "table", "ingest_api", "function"
  std::string name;
  const eddy_model* model = nullptr;
  const eddy_model* output_model = nullptr;
  Text source = {}, destination = {}, dead_letter_queue = {}, version = {};
  std::uint32_t kind = 0, input = 0, concurrency = 0, partitions = 0, retention_days = 0;
  eddy_function_decl code{};
};

struct OutputText {
  Text stream;  // null: the destination
  Text value;
  Text key;
  bool key_given = false;
  std::optional<std::vector<HeaderText>> headers;
  std::optional<std::int64_t> timestamp_us;
  std::optional<std::uint32_t> partition;
};

struct Outcome {
  std::uint32_t status = EDDY_FAILED;
  std::vector<OutputText> outputs = {};
  std::uint32_t fail_kind = 0;
  std::string error_type = {}, message = {};
};

struct Input {
  Text value;
  Text key = std::nullopt;
  std::vector<HeaderText> headers = {};
};

struct Letter {
  std::string error_type, error_message;
  Text original;
  std::string source = "transform";
};

// The function table every call of this process goes through.
const eddy_host* fake_host();
const std::vector<std::pair<std::uint32_t, std::string>>& log_lines();
void forget_log_lines();

// Decodes a text that fits the model, then lets the plugin's own checks see the row.
Outcome check_row(const eddy_model& model, const std::string& json);

// One plugin: its declarations, and one instance per function. Not thread-safe.
class FakePlugin {
 public:
  using Describe = std::function<std::uint32_t(const eddy_registrar*, eddy_registry*)>;

  explicit FakePlugin(const Describe& describe);
  ~FakePlugin();
  FakePlugin(const FakePlugin&) = delete;
  FakePlugin& operator=(const FakePlugin&) = delete;

  std::uint32_t described() const { return described_; }
  const std::string& refusal() const { return refusal_; }
  const std::vector<Declared>& declared() const { return declared_; }
  const Declared& find(std::string_view what, std::string_view name) const;

  Outcome create(std::string_view function, std::string_view config = "{}");
  // Makes the instance with an empty configuration first, if need be.
  Outcome run(std::string_view function, const Input& input);
  Outcome recover(std::string_view function, const Letter& letter);

 private:
  Outcome process(const Declared& function, const eddy_input& input);

  std::vector<Declared> declared_;
  std::map<std::string, void*, std::less<>> instances_;
  std::uint32_t described_ = EDDY_FAILED;
  std::string refusal_;
};

}  // namespace eddy::test
