// SPDX-License-Identifier: Apache-2.0
// Functions and plugins under test, in a program of your own: no host, no store, any test framework.
//
//   auto check = eddy::testing::function<check_order>();        // a function, or a class with operator()
//   auto outcome = check.run(R"({"id":"a","amount":-1})");      // JSON text, a model's struct, or an Input
//   outcome.delivered(), outcome.as<CheckedOrder>(), outcome.json()
//   outcome.error_type, outcome.error_message                   // of the dead letter that it would become
//
//   eddy::testing::Plugin plugin;                               // all that EDDY_PLUGIN of this program declares
//   plugin.function("check_order").run(…)
//
// The program is linked with the plugin's sources (those with EDDY_PLUGIN), or says EDDY_TEST_PROGRAM at global scope
// in one file. Needs nlohmann_json, also where the plugin itself does without (EDDY_NO_JSON). Records are decoded here
// after the host's rules and told of in the host's words, but for the text of a ParseError and the spelling of numbers.
// Not thread-safe.
#pragma once

#include "eddy/testing/function.hpp"
#include "eddy/testing/plugin.hpp"

// For a program that has models or functions, but no EDDY_PLUGIN.
#define EDDY_TEST_PROGRAM const eddy_host* eddy::detail::plugin_host = eddy::testing::inner::host();
