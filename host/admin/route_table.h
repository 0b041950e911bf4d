// SPDX-License-Identifier: Apache-2.0
// The routes there are, and which of them a path means.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "admin/route.h"

namespace eddy::host {

using ApiRoutePtr = std::shared_ptr<const ApiRoute>;

// What a path leads to: the route for the method, and what stands at its named segments; without a route, the methods
// that the path has; without those, there is no such path.
struct RouteMatch {
  ApiRoutePtr route{};
  std::map<std::string, std::string, std::less<>> parameters{};
  std::string allow{};  // "GET, HEAD", for a 405
};

// Thread-safe.
class RouteTable {
 public:
  // In place of one with the same method and path.
  void add(ApiRoute route);
  // A literal segment goes before a named one: /a/b is not /a/{name}. HEAD is GET.
  RouteMatch find(std::string_view method, std::string_view path) const;
  // Those that are documented, sorted by path.
  std::vector<ApiRoutePtr> documented() const;

 private:
  struct Entry {
    std::vector<std::string> segments;
    ApiRoutePtr route;
  };
  mutable std::mutex mutex_;
  std::vector<Entry> entries_;  // sorted: where two paths differ first, the literal segment goes first
};

}  // namespace eddy::host
