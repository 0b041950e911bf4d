// SPDX-License-Identifier: Apache-2.0
// One record to several streams, a consumer of the queue, and a recovery:
//
//   routes_in ── route ──▶ routes_all, routes_even | routes_odd
//        └──▶ RoutesDLQ ── watch
//                  └────── recover ──▶ routes_recovered
#include <eddy/eddy.hpp>
#include <optional>
#include <stdexcept>
#include <string>

EDDY_PLUGIN_INFO("routes", "1.0.0")

eddy::Routed route(const eddy::Record& record) {
  if (record.value().starts_with("bad")) throw std::invalid_argument("bad record");
  if (record.value().starts_with("skip")) return eddy::routed();
  const bool odd = (record.value().back() - '0') % 2 != 0;
  return eddy::routed("routes_all", record, odd ? "routes_odd" : "routes_even", record);
}

void watch(const eddy::DeadLetter<eddy::Record>& letter) { eddy::log::warn("seen ", letter.id); }

std::optional<std::string> recover(const eddy::DeadLetter<eddy::Record>& letter) {
  const std::string original(letter.original());
  if (original.ends_with("lost")) return std::nullopt;
  return "recovered " + original;
}

EDDY_PLUGIN(app) {
  app.stream("routes_all");
  app.stream("routes_even");
  app.stream("routes_odd");
  auto dlq = app.dead_letter_queue("RoutesDLQ");
  auto in = app.stream("routes_in");
  in.add_multi_transform<route>({.dead_letter_queue = dlq});
  dlq.add_consumer<watch>();
  auto recovered = app.stream("routes_recovered");
  dlq.add_transform<recover>(recovered);
}
