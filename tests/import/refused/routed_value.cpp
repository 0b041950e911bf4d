// SPDX-License-Identifier: Apache-2.0
// says: a routed value must be an EDDY_MODEL
#include "models.hpp"

#ifdef RIGHT
eddy::Routed f(const A& x) { return eddy::routed("a", x, "b", B{}); }
#else
eddy::Routed f(const A&) { return eddy::routed("a", NoModel{}); }
#endif

EDDY_PLUGIN(app) {
  auto a = app.stream<A>("a");
  auto b = app.stream<B>("b");
  auto queue = app.dead_letter_queue<A>("queue");
  a.add_multi_transform<f>();
  (void)b;
  (void)queue;
}
