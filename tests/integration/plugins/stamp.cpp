// SPDX-License-Identifier: Apache-2.0
// Two versions of one plugin: each writes its version behind the record's bytes.
#include <eddy/eddy.hpp>
#include <string>

#define STAMP_TEXT_(version) #version
#define STAMP_TEXT(version) STAMP_TEXT_(version)
EDDY_PLUGIN_INFO("stamp", STAMP_TEXT(STAMP_VERSION) ".0.0")

std::string stamp(const eddy::Record& record) { return std::string(record.value()) + " v" STAMP_TEXT(STAMP_VERSION); }

EDDY_PLUGIN(app) {
  auto out = app.stream("stamp_out", {.partitions = 2});
  app.stream("stamp_in", {.partitions = 2}).add_transform<stamp>(out);
}
