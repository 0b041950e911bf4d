// SPDX-License-Identifier: Apache-2.0
// says: a plugin's name has 1 to 63 characters
#include "models.hpp"

#ifdef RIGHT
EDDY_PLUGIN_INFO("a_b", "1")
#else
EDDY_PLUGIN_INFO("a b", "1")
#endif

EDDY_PLUGIN(app) {
  auto a = app.stream<A>("a");
  auto b = app.stream<B>("b");
  auto queue = app.dead_letter_queue<A>("queue");
  (void)a;
  (void)b;
  (void)queue;
}
