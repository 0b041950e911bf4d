// SPDX-License-Identifier: Apache-2.0
#include "cli/plugin_test_record.h"

#include <fstream>

#include "dead_letter/reader.h"
#include "runtime/repro/record_file.h"
#include "runtime/try/build.h"
#include "runtime/try/candidate.h"

namespace eddy::host {

namespace {

// A function without a limit of its own is not waited for longer.
constexpr std::uint32_t kTimeoutMs = 60'000;

struct Expected {
  std::string error_type, fingerprint;
};

Result<Expected> read_expected(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  const Json json = in ? Json::parse(in, nullptr, false) : Json();
  if (!json.is_object() || !json.contains("error_type") || !json.contains("fingerprint") ||
      !json["error_type"].is_string() || !json["fingerprint"].is_string()) {
    return Error{Code::kBadData, path + ": expected a JSON object with error_type and fingerprint"};
  }
  return Expected{json["error_type"], json["fingerprint"]};
}

Result<TryEnding> run_once(const RecordTest& test, const Settings& settings) {
  EDDY_ASSIGN(RecordFile file, RecordFile::read(test.record));
  EDDY_ASSIGN(const auto zygote, Zygote::start());
  EDDY_ASSIGN(const Candidate candidate, open_candidate(test.file, settings, *zygote, true));
  const Topology alone;
  const TryPlace place{settings, alone, *zygote, [] { return true; }, kTimeoutMs, true};
  TryBuild build(candidate.image, test.function, place);
  if (build.decl() == nullptr) return Error{Code::kUsage, build.set_up_failure()};
  const Task task = file.task();
  LetterReader reader;
  const DeadLetter* letter = nullptr;
  if (build.decl()->input == EDDY_INPUT_DEAD_LETTER) {
    EDDY_ASSIGN(letter, reader.read(task.record));
  }
  return build.run(task, letter);
}

Json ending_json(const TryEnding& ending) {
  if (ending.failed()) {
    return {{"ended", "failed"},
            {"error_type", ending.error_type},
            {"error_message", ending.error_message},
            {"fingerprint", ending.fingerprint}};
  }
  Json outputs = Json::array();
  for (const TryOutput& output : ending.outputs) {
    outputs.push_back({{"stream", output.stream},
                       {"key", json_of(bytes_of(output.key))},
                       {"value", json_of(bytes_of(output.value))}});
  }
  const bool filtered = ending.kind == TryEnding::Kind::kFiltered;
  return {{"ended", filtered ? "filtered" : "delivered"}, {"outputs", std::move(outputs)}};
}

std::string failure_text(const std::string& type, const std::string& fingerprint) {
  return type + " (fingerprint " + fingerprint + ")";
}

void tell(const TryEnding& ending, bool json) {
  if (json) return print_json(ending_json(ending));
  if (ending.failed()) {
    print(ending.error_type + ": " + ending.error_message + "\n");
    return;
  }
  print(ending.kind == TryEnding::Kind::kFiltered ? "filtered\n" : "delivered\n");
  for (const TryOutput& output : ending.outputs) print(output.stream + ": " + output.value.value_or("(null)") + "\n");
}

}  // namespace

Result<int> test_record(const RecordTest& test) {
  EDDY_ASSIGN(const Settings settings, load(test.common));
  Expected expected;
  if (!test.expect.empty()) {
    EDDY_ASSIGN(expected, read_expected(test.expect));
  }
  EDDY_ASSIGN(const TryEnding ending, run_once(test, settings));
  tell(ending, test.common.json);
  if (test.expect.empty()) return ending.failed() ? kExitFailures : kExitDone;
  if (!ending.failed()) {
    std::fprintf(stderr, "it passes\n");
    return kExitFailures;
  }
  if (ending.error_type == expected.error_type && ending.fingerprint == expected.fingerprint) {
    std::fprintf(stderr, "it fails in the same way\n");
    return kExitDone;
  }
  std::fprintf(stderr, "it fails in another way: expected %s, found %s\n",
               failure_text(expected.error_type, expected.fingerprint).c_str(),
               failure_text(ending.error_type, ending.fingerprint).c_str());
  return kExitFailures;
}

}  // namespace eddy::host
