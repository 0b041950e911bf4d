// SPDX-License-Identifier: Apache-2.0
#include "words.hpp"

EDDY_PLUGIN_INFO("two_files", "0.1.0")

EDDY_PLUGIN(app) {
  auto lines = app.ingest_pipeline<Line>("lines");
  lines.stream().add_transform<words>(app.stream<Word>("words"));
}
