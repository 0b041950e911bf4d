// SPDX-License-Identifier: Apache-2.0
// One pipeline for each set of the four parts that goes together: named "p" and the first letters of its parts: API,
// stream, table, DLQ.
#include <eddy/eddy.hpp>
#include <stdexcept>
#include <string>

EDDY_PLUGIN_INFO("pipelines", "1.0.0")

struct Part {
  eddy::Key<std::string> id;
};
EDDY_MODEL(Part, id)

void refuse(const Part& part) {
  if (part.id.value == "refused") throw std::runtime_error("refused");
}

EDDY_PLUGIN(app) {
  for (unsigned parts = 0; parts < 16; ++parts) {
    const bool api = (parts & 1) != 0, stream = (parts & 2) != 0, table = (parts & 4) != 0, queue = (parts & 8) != 0;
    if (api && !stream) continue;  // a route without a stream has nowhere to put its records
    std::string name = "p";
    for (unsigned part = 0; part < 4; ++part) {
      if ((parts >> part & 1) != 0) name += "astd"[part];
    }
    const auto pipeline = app.ingest_pipeline<Part>(
        name, {.ingest_api = api, .stream = stream, .table = table, .dead_letter_queue = queue});
    if (stream) pipeline.stream().add_consumer<refuse>({.name = "refuse_" + name});
  }
}
