// SPDX-License-Identifier: Apache-2.0
// Who may send to which route, and how much.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "settings/ingest_settings.h"

namespace eddy::host {

// What is known of a request before its body is read. Borrowed for the call.
struct Caller {
  std::string_view address;                       // of the peer, without its port: "10.0.0.7", "::1"
  std::optional<std::string_view> authorization;  // the header's value; none: no such header
  std::string_view certificate;  // subject of the client certificate that TLS has verified; empty: none was shown
};

struct Admission {
  int status = 0;                   // 0: accepted; else 401, 403 or 429
  std::string name;                 // accepted: who it is, for the log: a token's name, a JWT's `sub`, a certificate's
                                    // subject; empty: nobody was asked for
  std::string www_authenticate;     // 401 and 403: value of the WWW-Authenticate header; else empty
  std::uint32_t retry_after_s = 0;  // 429: value of the Retry-After header
  std::string message;              // refused: one sentence for the answer's body; tells no secret
  std::string account;              // whose limits it counts on: for Authority::charge()

  bool accepted() const { return status == 0; }
};

// Immutable but for its limits and its memory of tokens already checked; thread-safe. A reload makes a new one: limits
// begin anew with it.
class Authority {
 public:
  // Reads the key files. kConfig, naming the file and what is wrong with it.
  static Result<std::shared_ptr<const Authority>> make(const IngestSettings& settings);
  ~Authority();

  // One request to `route` ("movies", "movies/2"), whether or not there is such a route. Takes one request from its
  // account, and refuses (429) while the account has no records left. `now_us` is the wall clock.
  Admission admit(std::string_view route, const Caller& caller, std::int64_t now_us) const;

  // Takes the records that an accepted request turned out to have. They may be more than are left: the account's next
  // requests then wait for it.
  void charge(const Admission& admission, std::uint64_t records, std::int64_t now_us) const;

 private:
  struct State;
  explicit Authority(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace eddy::host
