// SPDX-License-Identifier: Apache-2.0
// What an ingest API makes now of a record that it has refused before.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "base/record.h"
#include "base/result.h"
#include "ingest/route.h"

namespace eddy::host {

struct Readmission {
  struct Element {
    std::optional<std::string> key;
    std::string value;
  };
  std::vector<Element> elements;  // for the route's stream
  std::string refusal;            // the error type of the first that is still refused; empty: none is
};

// `original` as a request would bring it: an object or an array, followed by 64 readable bytes. `header_bytes` go with
// each element, which has at most `max_record_bytes` with its key. Nothing is taken of what is refused in part.
// An error: it cannot be judged now.
Result<Readmission> readmit(const IngestRoute& route, Bytes original, std::size_t header_bytes,
                            std::size_t max_record_bytes);

}  // namespace eddy::host
