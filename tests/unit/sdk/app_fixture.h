// SPDX-License-Identifier: Apache-2.0
// A plugin written inside a test: its body is a lambda.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "eddy/eddy.hpp"
#include "fake_host.h"

// The entry point of this very program, from EDDY_PLUGIN in entry_test.cc.
extern "C" const eddy_plugin* eddy_plugin_main_v1(const eddy_host* host);

namespace eddy::test {

template <class Body>
FakePlugin::Describe described_by(Body body) {
  eddy_plugin_main_v1(fake_host());
  return [body](const eddy_registrar* registrar, eddy_registry* registry) {
    detail::Declarations declarations(registrar, registry);
    App app(declarations);
    body(app);
    return declarations.status();
  };
}

}  // namespace eddy::test
