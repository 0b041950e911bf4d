// SPDX-License-Identifier: Apache-2.0
// The least a transform can do.
#include <eddy/eddy.hpp>

EDDY_PLUGIN_INFO("copy", "1.0.0")

eddy::Record copy(const eddy::Record& record) { return record; }

EDDY_PLUGIN(app) {
  auto out = app.stream("copy_out");
  app.stream("copy_in").add_transform<copy>(out);
}
