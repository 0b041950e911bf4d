// SPDX-License-Identifier: Apache-2.0
// This program is its own zygote: the children of the probe are made from it.
#include "plugin/probe.h"
#include "zoo.h"

int main(int argc, char** argv) {
  using namespace eddy::host;
  const auto child = [](ChildRole, const std::string& payload, std::span<const int> fds) {
    return probe_child(payload, fds, fake_host());
  };
  if (const auto code = zygote_main(argc, argv, child)) return *code;
  testing::InitGoogleMock(&argc, argv);
  return RUN_ALL_TESTS();
}
