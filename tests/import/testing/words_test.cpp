// SPDX-License-Identifier: Apache-2.0
#include "words.hpp"

#include <cstdio>
#include <cstdlib>
#include <eddy/testing.hpp>

namespace {

void expect(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "FAILED: %s\n", what);
  std::exit(1);
}

// The plugin's function, wherever it comes from.
void check_words(eddy::testing::Function& function) {
  const auto found = function.run(Line{"two words"});
  expect(found.delivered() && found.outputs.size() == 2, "two words");
  expect(found.as<Word>(1).word.value == "words" && found.as<Word>(1).length == 5, "the second word");
  expect(found.json()["word"] == "two", "the first word as JSON");
  expect(function.run(R"({"text":"1 2"})").filtered(), "no word");
  const auto unfit = function.run(R"({"text":7})");
  expect(unfit.dead_lettered() && unfit.error_type == "ValidationError", "a ValidationError");
  expect(unfit.error_message == "/text: expected a string, found the number 7", "its message");
  expect(function.run("{").error_type == "ParseError", "a ParseError");
}

void check_plugin(const eddy::testing::Plugin& plugin) {
  expect(plugin.accepted(), plugin.refusal().c_str());
  expect(plugin.find("function", "words").dead_letter_queue == "linesDeadLetterQueue" ||
             plugin.find("stream", "lines").dead_letter_queue == "linesDeadLetterQueue",
         "the queue of the pipeline");
  eddy::testing::Function function = plugin.function("words");
  check_words(function);
  expect(eddy::testing::log_lines().back().text.ends_with("at 2024-05-01T12:00:00.000000Z"), "the log and the clock");
}

}  // namespace

#ifdef LOADED
EDDY_TEST_PROGRAM

int main(int, char** arguments) { check_plugin(eddy::testing::Plugin(arguments[1])); }
#else
int main() {
  eddy::testing::Function function = eddy::testing::function<words>();
  check_words(function);
  check_plugin(eddy::testing::Plugin());
}
#endif
