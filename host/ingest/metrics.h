// SPDX-License-Identifier: Apache-2.0
// What the ingest server counts. The runtime puts it into its registry.
#pragma once

#include <cstdint>
#include <string_view>

namespace eddy::host {

// `api` is the route's name, or "unknown" for requests to no route, so that labels stay bounded. [server thread]
class IngestMetrics {
 public:
  virtual ~IngestMetrics() = default;
  virtual void request(std::string_view api, int code) = 0;
  // `result` is accepted (in the stream), dead_lettered (in the queue) or not_durable (in neither: answered 503).
  virtual void records(std::string_view api, std::string_view result, std::uint64_t count) = 0;
  virtual void seconds(std::string_view api, double seconds) = 0;  // from the first byte to the answer
  // One that is in its queue, whatever the request is answered.
  virtual void dead_letter(std::string_view queue, std::string_view error_type) = 0;
  // A request's letters that their queue did not take.
  virtual void letters_not_written(std::string_view queue) = 0;
};

}  // namespace eddy::host
