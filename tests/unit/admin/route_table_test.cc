// SPDX-License-Identifier: Apache-2.0
#include "admin/route_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace eddy::host {
namespace {

using testing::ElementsAre;
using testing::Pair;

ApiRoute route(std::string method, std::string path) {
  ApiRoute made;
  made.method = std::move(method);
  made.path = std::move(path);
  return made;
}

TEST(RouteTable, NamedSegmentsAreHandedOver) {
  RouteTable table;
  table.add(route("GET", "/queues/{queue}/letters/{id}"));
  const RouteMatch match = table.find("GET", "/queues/a%2Fb/letters/01");
  ASSERT_NE(match.route, nullptr);
  EXPECT_THAT(match.parameters, ElementsAre(Pair("id", "01"), Pair("queue", "a/b")));
  EXPECT_NE(table.find("HEAD", "/queues/a/letters/01").route, nullptr);
  for (const char* path : {"/queues/a/letters/", "/queues//letters/01", "/queues/a/letters", "/queues/a/letters/01/",
                           "/queues/a/letters/%zz", "queues/a/letters/01", "", "/"}) {
    EXPECT_EQ(table.find("GET", path).route, nullptr) << path;
  }
}

TEST(RouteTable, ALiteralSegmentGoesFirst) {
  for (const bool swapped : {false, true}) {
    RouteTable table;
    table.add(route("GET", swapped ? "/jobs/{id}" : "/jobs/summary"));
    table.add(route("GET", swapped ? "/jobs/summary" : "/jobs/{id}"));
    EXPECT_EQ(table.find("GET", "/jobs/summary").route->path, "/jobs/summary");
    EXPECT_EQ(table.find("GET", "/jobs/7").route->path, "/jobs/{id}");
  }
}

TEST(RouteTable, SaysWhichMethodsAPathHas) {
  RouteTable table;
  table.add(route("GET", "/jobs"));
  table.add(route("POST", "/jobs"));
  EXPECT_EQ(table.find("POST", "/jobs").route->method, "POST");
  const RouteMatch match = table.find("PUT", "/jobs");
  EXPECT_EQ(match.route, nullptr);
  EXPECT_EQ(match.allow, "GET, HEAD, POST");
  EXPECT_EQ(table.find("PUT", "/job").allow, "");
}

TEST(RouteTable, TheLastOneWithAPathCounts) {
  RouteTable table;
  table.add(route("GET", "/jobs"));
  ApiRoute again = route("GET", "/jobs");
  again.summary = "again";
  table.add(std::move(again));
  EXPECT_EQ(table.documented().size(), 1u);
  EXPECT_EQ(table.find("GET", "/jobs").route->summary, "again");
}

TEST(RouteTable, ListsWhatIsDocumentedByPath) {
  RouteTable table;
  table.add(route("GET", "/b"));
  table.add(route("GET", "/a"));
  ApiRoute hidden = route("GET", "/console.js");
  hidden.documented = false;
  table.add(std::move(hidden));
  std::vector<std::string> paths;
  for (const ApiRoutePtr& each : table.documented()) paths.push_back(each->path);
  EXPECT_THAT(paths, ElementsAre("/a", "/b"));
}

}  // namespace
}  // namespace eddy::host
