// SPDX-License-Identifier: Apache-2.0
// The admin listener: metrics, health, readiness. Boost.Beast, one thread.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace eddy::host {

struct HttpReply {
  int status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::string body;
};

class AdminServer {
 public:
  using Handler = std::function<HttpReply()>;
  using Action = std::function<HttpReply(std::string_view name)>;

  // `listen` is "host:port"; port 0 takes a free one. Refuses (kConfig) to listen beyond loopback: there is no
  // authentication yet that would make it safe. kUnavailable when the address is taken.
  static Result<std::unique_ptr<AdminServer>> start(const std::string& listen);
  ~AdminServer();  // stops, finishes running replies

  // GET and HEAD of `path`; other methods get 405, other paths 404 with the list of paths. [before or after start]
  void route(std::string path, Handler handler);
  // POST of `path`, which has one segment "{name}"; what stands there is handed over. Only for clients that no page in
  // somebody's browser can be: see Router. [before or after start]
  void action(std::string path, Action action);

  std::string address() const;  // "127.0.0.1:5001", with the real port

 private:
  AdminServer();
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace eddy::host
