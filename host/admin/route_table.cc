// SPDX-License-Identifier: Apache-2.0
#include "admin/route_table.h"

#include <algorithm>

#include "base/percent.h"

namespace eddy::host {
namespace {

template <typename Text>
std::vector<Text> split(std::string_view path) {
  std::vector<Text> segments;
  while (!path.empty()) {
    path.remove_prefix(1);  // the slash
    const std::size_t end = std::min(path.find('/'), path.size());
    segments.emplace_back(path.substr(0, end));
    path.remove_prefix(end);
  }
  return segments;
}

bool is_named(std::string_view segment) { return segment.starts_with('{') && segment.ends_with('}'); }

bool goes_before(const std::vector<std::string>& a, const std::vector<std::string>& b) {
  return std::lexicographical_compare(
      a.begin(), a.end(), b.begin(), b.end(),
      [](const std::string& x, const std::string& y) { return is_named(x) != is_named(y) ? is_named(y) : x < y; });
}

bool fits(const std::vector<std::string>& pattern, const std::vector<std::string_view>& path) {
  return std::equal(pattern.begin(), pattern.end(), path.begin(), path.end(),
                    [](const std::string& expected, std::string_view found) {
                      return is_named(expected) ? !found.empty() : expected == found;
                    });
}

void add_method(std::string& allow, const std::string& method) {
  allow += (allow.empty() ? "" : ", ") + method + (method == "GET" ? ", HEAD" : "");
}

}  // namespace

void RouteTable::add(ApiRoute route) {
  Entry entry{split<std::string>(route.path), std::make_shared<const ApiRoute>(std::move(route))};
  const std::lock_guard lock(mutex_);
  for (Entry& other : entries_) {
    if (other.route->path == entry.route->path && other.route->method == entry.route->method) {
      other = std::move(entry);
      return;
    }
  }
  const auto at = std::upper_bound(entries_.begin(), entries_.end(), entry,
                                   [](const Entry& a, const Entry& b) { return goes_before(a.segments, b.segments); });
  entries_.insert(at, std::move(entry));
}

RouteMatch RouteTable::find(std::string_view method, std::string_view path) const {
  RouteMatch match;
  if (!path.starts_with('/')) return match;
  if (method == "HEAD") method = "GET";
  const auto segments = split<std::string_view>(path);
  const std::lock_guard lock(mutex_);
  const std::vector<std::string>* pattern = nullptr;  // the first that fits decides; others with it are its methods
  for (const Entry& entry : entries_) {
    if (pattern != nullptr ? entry.segments != *pattern : !fits(entry.segments, segments)) continue;
    pattern = &entry.segments;
    add_method(match.allow, entry.route->method);
    if (entry.route->method == method) match.route = entry.route;
  }
  if (match.route == nullptr) return match;
  for (std::size_t i = 0; i < segments.size(); ++i) {
    const std::string& name = (*pattern)[i];
    if (!is_named(name)) continue;
    auto value = percent_decode(segments[i]);
    if (!value) return {};
    match.parameters[name.substr(1, name.size() - 2)] = *std::move(value);
  }
  return match;
}

std::vector<ApiRoutePtr> RouteTable::documented() const {
  std::vector<ApiRoutePtr> routes;
  const std::lock_guard lock(mutex_);
  for (const Entry& entry : entries_) {
    if (entry.route->documented) routes.push_back(entry.route);
  }
  std::stable_sort(routes.begin(), routes.end(),
                   [](const ApiRoutePtr& a, const ApiRoutePtr& b) { return a->path < b->path; });
  return routes;
}

}  // namespace eddy::host
